"""The remote services and the machine, one client each; they decide nothing."""
