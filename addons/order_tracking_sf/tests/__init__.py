from . import test_sf_codes, test_sf_connector, test_sf_push, test_sf_replay
