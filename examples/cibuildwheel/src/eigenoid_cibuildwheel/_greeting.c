#define Py_LIMITED_API 0x030b0000 /* 3.11 and later, as setup.py says */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *greet(PyObject *module, PyObject *name)
{
    (void)module;
    return PyUnicode_FromFormat("Hello, %S!", name);
}

static PyMethodDef methods[] = {
    {"greet", greet, METH_O, "Return a greeting."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_greeting", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__greeting(void)
{
    return PyModuleDef_Init(&module);
}
