import re
from pathlib import Path

import polib

from odoo.tests import BaseCase, tagged

from .common import OrderProcessingCase

ADDONS = Path(__file__).parent.parent.parent
OURS = sorted(path.parent.name for path in ADDONS.glob("order_*/i18n"))
# Who they are, where, and what is called so everywhere: the same in Chinese.
NAME = re.compile(r"(https://)?[\w.-]+\.(com|net)(/\w+)*|17TRACK|AfterShip|DHL|OAuth2|UTC|en")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@tagged("post_install", "-at_install")
class TestChineseIsComplete(BaseCase):
    """Every sentence has its Chinese, with the same figures in it."""

    def setUp(self):
        super().setUp()
        self.source, self.chinese = set(), {}
        for addon in OURS:
            i18n = ADDONS / addon / "i18n"
            self.source |= {entry.msgid for entry in polib.pofile(i18n / f"{addon}.pot")}
            self.chinese |= {entry.msgid: entry.msgstr for entry in polib.pofile(i18n / "zh_CN.po")}

    def test_nothing_is_left_out(self):
        missing = sorted(
            text for text in self.source if not self.chinese.get(text) and not NAME.fullmatch(text)
        )
        self.assertEqual(missing, [])

    def test_the_same_figures(self):
        differing = [
            text
            for text, translation in self.chinese.items()
            if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(translation))
        ]
        self.assertEqual(differing, [])


@tagged("post_install", "-at_install")
class TestReadInChinese(OrderProcessingCase):
    """A reviewer in Shanghai reads the same order as her colleague in London, in her own words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"].search([("name", "=", "order_processing")])._update_translations(
            ["zh_CN"]
        )

    def test_why_it_is_held_and_what_happened(self):
        order = self.quotation(partner=self.corner_shop)
        order.action_submit()
        in_chinese = order.with_context(lang="zh_CN")
        self.assertIn("缺少", in_chinese.review_hold_reason)
        self.assertIn("lacks", order.with_context(lang="en_US").review_hold_reason)
        texts = in_chinese.event_ids.mapped("text")
        self.assertEqual(texts[0], "收到订单")
        self.assertTrue(texts[1].startswith("暂停待审"), texts)

    def test_the_stage_in_the_words_of_the_trade(self):
        stages = dict(
            self.env["sale.order"]
            .with_context(lang="zh_CN")
            .fields_get(["processing_stage"])["processing_stage"]["selection"]
        )
        words = [stages[name] for name in ("quotation", "in_review", "waiting_stock", "ready", "delivered")]
        self.assertEqual(words, ["报价", "待审核", "缺货", "待发货", "已签收"])
