from . import (
    test_case_access,
    test_case_attack,
    test_case_clock,
    test_case_engine,
    test_case_mail,
    test_case_parcel,
    test_case_portal,
    test_case_race,
    test_case_report,
    test_case_story,
    test_case_whole_story,
    test_tour_cases,
)
