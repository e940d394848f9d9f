from . import test_case_access, test_case_engine, test_case_portal, test_case_story, test_tour_cases
