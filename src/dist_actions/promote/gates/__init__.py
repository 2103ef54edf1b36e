"""What must hold before a version is promoted."""
