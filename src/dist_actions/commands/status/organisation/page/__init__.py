"""The page of many packages: self-contained, to be opened or put on GitHub Pages."""
