from . import test_hold_kit
