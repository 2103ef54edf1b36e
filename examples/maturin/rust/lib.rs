use pyo3::prelude::*;

#[pymodule]
mod _greeting {
    use super::*;

    /// Return a greeting.
    #[pyfunction]
    fn greet(name: &str) -> String {
        format!("Hello, {name}!")
    }
}
