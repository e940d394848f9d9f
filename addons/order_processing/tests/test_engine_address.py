"""Addresses, house numbers and remote areas, alone: no Odoo, country by country."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.address import address, address_fault, country_of
from ..engine.remote_area import RemoteArea, find_area, is_between, plain_zip, range_fault
from ..engine.street_number import has_street_number, lacks_number


def at(country, street="1 High Street", city="Town", zip=None, state=None, code=None, **more):  # noqa: A002
    return address(country, code, state, city, zip, street, more.get("street2"), more.get("asks_state", True))


@tagged("post_install", "-at_install")
class TestAddressFault(BaseCase):
    """What each country asks for."""

    def fault(self, *args, **kwargs):
        found = address_fault(at(*args, **kwargs))
        return found and (found.code, *found.missing)

    def test_good_addresses_pass(self):
        good = [
            at("US", "350 5th Ave", "New York", "10118", "New York", "NY"),
            at("US", "350 5th Ave", "New York", "10118-0110", code="NY"),
            at("GB", "221B Baker Street", "London", "NW1 6XE"),
            at("XI", "1 Donegall Square", "Belfast", "BT1 5GS"),
            at("DE", "Hauptstraße 5", "Berlin", "D-10115"),
            at("IE", "Main Street", "Kinvara"),
            at("IE", "Main Street", "Kinvara", "h91 p3v6", "Galway", "G"),
            at("HK", "彌敦道132號", "旺角", state="Kowloon", code="KLN"),
            at("CN", "文三路478号", "杭州市", "310012", "浙江省", "浙"),
            at("CN", "478 Wensan Road", "Hangzhou", "310012", "浙江省", "ZJ"),
            at("JP", "丸の内2-7-2", "", "〒100-0005", "東京都", "JP-13"),
            at("JP", "丸の内２－７－２", "", "１０００００５", "東京都", "JP-13"),
            at("BR", "Av. Paulista 1578", "São Paulo", "01310200", "São Paulo", "SP"),
            at("CA", "111 Wellington St", "Ottawa", "k1a-0a9", "Ontario", "ON"),
            at("PL", "Marszałkowska 1", "Warszawa", "00950"),
            at("LV", "Brīvības iela 1", "Rīga", "1010", asks_state=False),
            at("SE", "Drottninggatan 1", "Stockholm", "SE-11151"),
        ]
        for one in good:
            with self.subTest(one):
                self.assertIsNone(address_fault(one))

    def test_what_is_missing_is_named_in_order(self):
        cases = [
            (("", "1 High Street"), {}, ("address_no_country",)),
            (("GB", "", ""), {}, ("address_incomplete", "street", "city", "zip")),
            (("US",), {"zip": "10118"}, ("address_incomplete", "state")),
            (("US",), {"zip": "10118", "asks_state": False}, None),
            (("HK", "1 Queen's Road", ""), {}, ("address_incomplete", "state")),
            (("BR",), {"zip": "01310-200"}, ("address_incomplete", "state")),
            (("JP", "丸の内2-7-2", ""), {"state": "東京都"}, ("address_incomplete", "zip")),
            (("KE", "", "Nairobi"), {}, ("address_incomplete", "street")),
            (("ZZ9", "", ""), {}, ("address_incomplete", "street", "city")),
            (("GB",), {"zip": "  "}, ("address_incomplete", "zip")),
        ]
        for args, kwargs, expected in cases:
            with self.subTest(args=args, **kwargs):
                self.assertEqual(self.fault(*args, **kwargs), expected)

    def test_what_nobody_needs_is_not_asked_for(self):
        self.assertIsNone(self.fault("CN", "文三路478号", "杭州市", state="浙江省"))  # carriers go by phone
        self.assertIsNone(self.fault("CN", "南京东路1号", "", state="上海市"))  # the province is the city
        self.assertIsNone(self.fault("IT", "Via Roma 1", "Milano", "20121"))  # the code tells the province
        self.assertIsNone(self.fault("HK", "彌敦道132號", "旺角"))  # the district tells the area
        missing = self.fault("CN", "文三路478号", "", state="浙江省")
        self.assertEqual(missing, ("address_incomplete", "city"))

    def test_a_code_is_one_of_the_country(self):
        bad = [
            ("DE", "1011"),
            ("GB", "12345"),
            ("US", "6270"),
            ("JP", "12345"),
            ("BR", "1310"),
            ("CN", "31001"),
        ]
        for country, code in bad:
            with self.subTest(country):
                self.assertEqual(
                    self.fault(country, zip=code, asks_state=False), ("address_bad_zip",), (country, code)
                )

    def test_a_code_is_one_of_the_state(self):
        cases = [
            ("US", "62701", "Illinois", "IL", None),
            ("US", "62701", "California", "CA", "address_zip_state"),
            ("AU", "0872", "South Australia", "SA", None),  # the outback knows no borders
            ("AU", "0872", "Western Australia", "WA", None),
            ("AU", "3000", "Tasmania", "TAS", "address_zip_state"),
            ("JP", "100-0005", "大阪府", "JP-27", "address_zip_state"),
            ("BR", "01310-200", "Rio de Janeiro", "RJ", "address_zip_state"),
            ("ES", "35001", "Las Palmas", "GC", None),
            ("MX", "25000", "Coahuila", "COA", None),
            ("IT", "07026", "Olbia-Tempio", "OT", None),  # a province the library does not know
            ("IT", "20121", "Roma", "RM", "address_zip_state"),
            ("IN", "744101", "Andaman and Nicobar", "AN", None),
            ("CN", "999077", "香港特别行政区", "港", None),
            ("CN", "106", "台湾省", "台", None),
            ("CN", "510375", "澳门特别行政区", "澳", "address_zip_state"),
        ]
        for country, code, state, short, expected in cases:
            with self.subTest(country=country, state=state, zip=code):
                found = address_fault(at(country, zip=code, state=state, code=short))
                self.assertEqual(found and found.code, expected)

    def test_states_are_known_by_any_name(self):
        names = {
            "US": [("California", "CA"), ("", "CA"), ("california", "")],
            "CN": [("浙江省", "浙"), ("浙江", ""), ("Zhejiang Sheng", ""), ("", "33")],
            "JP": [("東京都", "JP-13"), ("Tokyo", ""), ("", "JP-13")],
            "ES": [("A Coruña (La Coruña)", "C"), ("", "C")],
            "RU": [("Altai Krai", "ALT")],
            "CA": [("Québec", "QC"), ("Quebec", "")],
        }
        for country, spellings in names.items():
            keys = {country_of(country).state_key(name, code) for name, code in spellings}
            with self.subTest(country):
                self.assertEqual(len(keys), 1)
                self.assertNotIn("", keys)
        self.assertEqual(country_of("US").state_key("Bavaria", "BY"), "")

    def test_the_same_address_is_judged_once(self):
        address_fault.cache_clear()
        for street in ("1 High Street", " 1  High Street ", "１ High Street"):
            address_fault(at("GB", street, "London", "NW1 6XE"))
        self.assertEqual((address_fault.cache_info().misses, address_fault.cache_info().hits), (1, 2))

    def test_a_country_is_read_once(self):
        country_of("CN")
        before = country_of.cache_info().misses
        for number in range(50):
            address_fault(at("CN", f"文三路{number}号", "杭州市", "310012", "浙江省", "浙"))
        self.assertEqual(country_of.cache_info().misses, before)

    @given(st.text(), st.text(), st.text(), st.sampled_from(["US", "CN", "GB", "JP", "BR", "XX", "", "🙂"]))
    def test_whatever_is_typed_gets_an_answer(self, street, code, state, country):
        one = at(country, street, "Town", code, state, state)
        self.assertIn(address_fault(one) is None, (True, False))
        self.assertIn(lacks_number(one), (True, False))
        self.assertEqual(len(one.digest), 40)


@tagged("post_install", "-at_install")
class TestStreetNumber(BaseCase):
    """Does the driver find the door? What may be a named house, is one."""

    BARE = (
        ("US", "Main Street", "Springfield"),
        ("US", "5th Avenue", "New York"),
        ("US", "Main St NW", "Atlanta"),
        ("GB", "Mill Lane", "Oxford"),
        ("GB", "Station Road", "Oxford"),
        ("GB", "Bunessan", "Bunessan"),
        ("IE", "Main Street", "Kinvara"),
        ("DE", "Hauptstraße", "Berlin"),
        ("DE", "Lange Str.", "Berlin"),
        ("NL", "Kalverstraat", "Amsterdam"),
        ("SE", "Drottninggatan", "Stockholm"),
        ("FR", "rue de la Paix", "Paris"),
        ("IT", "Via Roma", "Torino"),
        ("ES", "C/ Mayor", "Madrid"),
        ("BR", "Rua das Flores", "Curitiba"),
        ("PL", "ul. Marszałkowska", "Warszawa"),
        ("RU", "ул. Ленина", "Омск"),
        ("HK", "Queen's Road Central", "Central"),
        ("HK", "彌敦道", "旺角"),
        ("CN", "西湖区文三路", "杭州市"),
        ("CN", "五一路", "长沙市"),
        ("CN", "Wensan Lu", "Hangzhou"),
        ("CN", "杭州市", "杭州市"),
        ("JP", "千代田区丸の内", ""),
        ("KE", "Nairobi", "Nairobi"),
    )
    ENOUGH = (
        ("US", "1 Main Street"),
        ("US", "One Microsoft Way"),
        ("US", "350 5th Avenue"),
        ("US", "PO Box"),
        ("US", "General Delivery"),
        ("GB", "Rose Cottage, Mill Lane"),
        ("GB", "The Old Rectory"),
        ("GB", "Unit B, Mill Lane"),
        ("GB", "Heathrow Airport"),
        ("DE", "Hauptstraße 5a"),
        ("DE", "Postfach"),
        ("AT", "Gut Aiderbichl"),
        ("FR", "Lieu-dit Le Bourg"),
        ("ES", "Calle Mayor s/n"),
        ("IT", "Via Roma snc"),
        ("RS", "Ulica Vuka Karadžića bb"),
        ("HK", "Flat A, Chungking Mansions, Nathan Road"),
        ("CN", "文三路４７８号"),
        ("CN", "文三路四百七十八号"),
        ("CN", "幸福小区三栋二单元"),
        ("CN", "中山路十二弄"),
        ("CN", "浙江大学玉泉校区"),
        ("CN", "478 Wensan Road"),
        ("JP", "丸の内2-7-2"),
        ("JP", "丸の内二丁目七番地"),
        ("JP", "成田市成田空港内"),
        ("AE", "Sheikh Zayed Road"),  # no house numbers there
        ("IN", "MG Road"),
        ("GB", ""),  # nothing at all is told of as missing
    )

    def test_a_bare_street_or_village_is_told_of(self):
        for country, street, city in self.BARE:
            with self.subTest(country, street=street):
                self.assertTrue(lacks_number(at(country, street, city)))

    def test_what_may_lead_to_a_door_is_let_be(self):
        for country, street in self.ENOUGH:
            with self.subTest(country, street=street):
                self.assertFalse(lacks_number(at(country, street)))

    def test_the_second_line_counts(self):
        self.assertFalse(lacks_number(at("GB", "Rose Cottage", street2="Mill Lane")))
        self.assertFalse(lacks_number(at("DE", "Hauptstraße", street2="5")))
        self.assertTrue(lacks_number(at("DE", "Hauptstraße", "Berlin", street2="Berlin")))

    def test_where_the_code_names_the_building(self):
        self.assertFalse(lacks_number(at("IE", "Main Street", "Kinvara", "H91 P3V6")))
        self.assertFalse(lacks_number(at("SG", "Orchard Road", "Singapore", "238801")))

    def test_numbers_in_any_writing(self):
        for text in ("5", "５", "五号", "十二弄", "二百栋", "One Main Street", "5th Avenue 7"):
            with self.subTest(text):
                self.assertTrue(has_street_number(text))
        for text in ("", "High Street", "5th Avenue", "五一路", "三元村"):
            with self.subTest(text):
                self.assertFalse(has_street_number(text))

    @given(st.sampled_from(BARE), st.integers(1, 9999))
    def test_any_number_will_do(self, case, number):
        country, street, city = case
        self.assertFalse(lacks_number(at(country, f"{street} {number}", city)))


@tagged("post_install", "-at_install")
class TestRemoteArea(BaseCase):
    """Ranges of postal codes, in figures and the British way."""

    def test_ranges(self):
        cases = [
            ("830000", "83", "84", "CN", True),
            ("850000", "83", "84", "CN", False),
            ("99501-1234", "995", "999", "US", True),
            ("99401", "995", "999", "US", False),
            ("HS1 2AB", "HS1", "HS9", "GB", True),
            ("hs9 5xx", "HS1", "HS9", "GB", True),
            ("PH2 6AB", "PH17", "PH26", "GB", False),  # Perth, not the Highlands
            ("PH26 3AB", "PH17", "PH26", "GB", True),
            ("IV63 6TU", "IV", "", "GB", True),
            ("I1 1AA", "IV", "", "GB", False),
            ("W1A 0AX", "W1", "W2", "GB", True),
            ("JE2 3AB", "JE", "JE", "JE", True),
            ("V0T 1W0", "V0T", "V0X", "CA", True),
            ("V0S 1W0", "V0T", "V0X", "CA", False),
            ("1791 AA", "1791", "1797", "NL", True),
            ("D-25980", "25980", "25999", "DE", True),
            ("9", "95", "99", "PT", False),
            ("", "95", "99", "PT", False),
            ("London", "HS", "", "GB", False),
        ]
        for code, low, high, country, expected in cases:
            with self.subTest(code, low=low, high=high):
                self.assertEqual(is_between(code, low, high, country), expected)

    def test_what_is_wrong_with_a_range(self):
        cases = [
            ("83", "84", "CN", ""),
            ("83", "", "CN", ""),
            ("", "", "CN", ""),
            ("", "84", "CN", "low"),
            ("83", "8499", "CN", "length"),
            ("84", "83", "CN", "order"),
            ("PH9", "PH26", "GB", ""),
            ("PH26", "PH9", "GB", "order"),
            ("12345", "", "GB", "low"),
            ("PH1", "12345", "GB", "high"),
        ]
        for low, high, country, expected in cases:
            with self.subTest(low, high=high, country=country):
                self.assertEqual(range_fault(low, high, country), expected)

    @given(st.integers(0, 99999), st.integers(0, 99999), st.integers(0, 99999))
    def test_figures_are_in_order(self, code, one, other):
        low, high = sorted((one, other))
        found = is_between(f"{code:05}", f"{low:05}", f"{high:05}", "US")
        self.assertEqual(found, low <= code <= high)

    @given(st.integers(10, 99), st.integers(10, 99), st.integers(0, 999999))
    def test_a_beginning_stands_for_all_that_begins_like_it(self, one, other, code):
        low, high = sorted((one, other))
        code = f"{code:06}"
        self.assertEqual(is_between(code, str(low), str(high), "CN"), low <= int(code[:2]) <= high)

    @given(
        st.sampled_from(["PH", "IV", "G", "W"]), st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)
    )
    def test_british_districts_are_numbers(self, letters, district, one, other):
        low, high = sorted((one, other))
        for spelled in (f"{letters}{district} 1AB", f"{letters.lower()}{district}1ab"):
            found = is_between(spelled, f"{letters}{low}", f"{letters}{high}", "GB")
            self.assertEqual(found, low <= district <= high)
        self.assertFalse(is_between(f"ZE{district} 1AB", f"{letters}{low}", f"{letters}{high}", "GB"))

    @given(
        st.text(max_size=12), st.text(max_size=6), st.text(max_size=6), st.sampled_from(["GB", "US", "CA"])
    )
    def test_whatever_is_typed_gets_an_answer(self, code, low, high, country):
        self.assertIn(is_between(code, low, high, country), (True, False))
        self.assertIn(range_fault(low, high, country), ("", "low", "high", "length", "order"))
        self.assertEqual(plain_zip(plain_zip(code)), plain_zip(code))

    @given(st.text("0123456789- ", min_size=1, max_size=10), st.text("0123456789", min_size=1, max_size=5))
    def test_blanks_and_signs_make_no_difference(self, code, low):
        self.assertEqual(is_between(code, low, "", "US"), is_between(f" {plain_zip(code)} ", low, low, "US"))

    def test_state_or_code_is_enough_and_other_carriers_do_not_count(self):
        tibet = RemoteArea(1, "Tibet", "CN", frozenset({7}), "85")
        of_sf = RemoteArea(2, "Town", "CN", frozenset(), "31", carrier_ids=frozenset({5}))
        everywhere = RemoteArea(3, "Jersey", "JE")
        cases = [
            ((tibet,), 7, "", None, tibet),
            ((tibet,), None, "850000", None, tibet),
            ((tibet,), 8, "310000", None, None),
            ((tibet,), None, None, None, None),
            ((of_sf,), None, "310000", 5, of_sf),
            ((of_sf,), None, "310000", 6, None),
            ((of_sf,), None, "310000", None, None),
            ((everywhere,), None, None, None, everywhere),
            ((of_sf, tibet), 7, "310000", 5, of_sf),
        ]
        for areas, state, code, carrier, expected in cases:
            with self.subTest(areas=[area.name for area in areas], state=state, zip=code, carrier=carrier):
                self.assertEqual(find_area(areas, state, code, carrier), expected)
