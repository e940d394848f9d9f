from . import wave_pick_list
from . import packing_slip
from . import parcel_label
from . import handover_list
