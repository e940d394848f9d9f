"""What the text of a scan says that is signed for by a locker or a station: taken in there, or fetched?

Kuaidi100 has one code (304) for both, and says "signed" as soon as a station has the parcel.
"""

from __future__ import annotations

import re

_TAKEN_IN = re.compile(
    "代收|代签|暂存|存放|寄存|存入|投放|投入|投递[至到]|放[入在置]|入库|[入到]柜|驿站|柜|丰巢|菜鸟|代[收办]点|自提点|服务[站点]|便利店|门店|超市"
)
# Of these there is no doubt.
_FETCHED = re.compile(
    "已(?:被|由本人|经)?(?:取|领|提|自提)|取走|取出|(?:取件|取货|提货|领取|自提)(?:成功|完成)"
    "|(?:完成|成功)(?:取|提|领)|凭[^，,。;；]{0,6}码(?:签收|取走|取出)"
)
# Asked to fetch it: nobody has.
_INVITED = re.compile(
    "(?:请|待|凭|未|可|尽快|及时|方便时?|前往|记得)[^，,。;；!！]*(?:取件|取货|提货|领取|自提|取)"
    "|(?:取件|取货|提货|自提)(?:码|密码|号|地址|地点|电话|时间|通知|点|柜)|非本人"
)
_PERHAPS_FETCHED = re.compile("取件|取货|提货|领取|自提|本人")


def waits_there(text: str) -> bool:
    """Tell whether a station or a locker has taken the parcel in, and nobody has fetched it yet."""
    if not _TAKEN_IN.search(text) or _FETCHED.search(text):
        return False
    return not _PERHAPS_FETCHED.search(_INVITED.sub("", text))
