"""R's own objects as ours, and ours as R's."""

from parity.r_objects.boot_read import read_boot
from parity.r_objects.mermod import MerMod, read_mermod
from parity.r_objects.written import write_boot, write_frame

__all__ = ["MerMod", "read_boot", "read_mermod", "write_boot", "write_frame"]
