"""What carriers, and who collects from them, are to us; see base.py."""
