"""What carriers, and who collects from them, are to us; see base.py."""

from . import carrier_method, generic, simulator
