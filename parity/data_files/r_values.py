"""R's dates, times and time spans, which its files hold as numbers with a class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

_SECONDS = {"secs": 1, "mins": 60, "hours": 3600, "days": 86400, "weeks": 604800}


def date(days: Any, _: Mapping[str, Any]) -> Any:
    """R's Date: whole days since 1970."""
    return _instants(np.floor(_floats(days)) * 86400.0).astype("datetime64[s]")


def instant(seconds: Any, attributes: Mapping[str, Any]) -> Any:
    """R's POSIXct: seconds since 1970, shown in a time zone (UTC where R names none)."""
    zone = _text(attributes.get("tzone")) or "UTC"
    times = pd.DatetimeIndex(_instants(_floats(seconds))).tz_localize("UTC")
    return times.tz_convert(zone).array


def time_span(values: Any, attributes: Mapping[str, Any]) -> Any:
    """R's difftime, in its units."""
    unit = _SECONDS[_text(attributes.get("units")) or "secs"]
    return pd.TimedeltaIndex(pd.to_timedelta(_floats(values) * unit, unit="s")).array


CLASSES = {"Date": date, "POSIXct": instant, "difftime": time_span}


def _floats(values: Any) -> Any:
    """Floats of numbers, of which integers may have a mask, as a copy with the usual NaN."""
    if isinstance(values, np.ma.MaskedArray):
        masked: Any = values.astype(np.float64)
        return masked.filled(np.nan)
    floats = np.array(values, dtype=np.float64)
    floats[np.isnan(floats)] = np.nan  # R's NA is one that arithmetic warns of
    return floats


def _instants(seconds: Any) -> Any:
    whole = np.where(np.isnan(seconds), 0.0, np.round(seconds * 1e6)).astype("int64")
    times = whole.astype("datetime64[us]")
    times[np.isnan(seconds)] = np.datetime64("NaT")
    return times


def _text(attribute: Any) -> str:
    return "" if attribute is None else str(next(iter(attribute), ""))
