"""The commands that only answer; they import what stages decide, and no stage imports them."""
