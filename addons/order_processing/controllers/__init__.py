from . import portal
from . import portal_answer
from . import portal_change
from . import portal_choice
from . import portal_lookup
from . import portal_messages
from . import portal_reorder
from . import tracking_push
