from . import test_17track
