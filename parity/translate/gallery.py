"""The gallery of the documentation: scripts of R beside their Python, with the verdict of each.

``python -m parity.translate.gallery docs/translate --verify`` translates every ``*.R`` of a folder,
verifies it, and writes the ``*.py`` beside it, the verdicts and the page.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from parity.translate.script import translate
from parity.translate.translation import Status, Translation
from parity.translate.verifying.outcome import Verification
from parity.translate.verifying.run import Setting, verify_all
from parity.verdict import Verdict
from parity.writing import write_whole

VERDICTS = "verdicts.json"
_INTRODUCTION = "introduction.md"


def translations(folder: Path) -> list[Translation]:
    """Translate every script of a folder, by our own parser."""
    return [translate(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.R"))]


def verdict_of(found: Verification) -> dict[str, Any]:
    """What the page says of a script that was verified."""
    worst = min((i.digits for i in found.items if i.verdict is Verdict.MATCH), default=0.0)
    return {
        "passed": found.passed,
        "summary": found.summary(),
        "digits": round(worst, 1),
        "explained": sorted({i.reason for i in found.items if i.verdict is Verdict.EXPLAINED}),
        "not_run": sorted({i.reason for i in found.items if i.verdict is Verdict.NOT_RUN}),
        "versions": {k: found.versions[k] for k in ("R", "lme4", "bootmlm") if k in found.versions},
    }


def page(
    introduction: str, made: Sequence[Translation], verdicts: Mapping[str, Mapping[str, Any]]
) -> str:
    """The page: an introduction, and every script on both sides."""
    parts = [introduction.rstrip() + "\n"]
    for translation in made:
        parts.append(_section(translation, verdicts.get(translation.name, {})))
    return "\n".join(parts)


def _section(translation: Translation, verdict: Mapping[str, Any]) -> str:
    title, r_text = _titled(translation.r_text)
    _, python = translation.python.split('"""\n\n', 1)
    python = re.sub(rf"^# {re.escape(title)}\n\n?", "", python, flags=re.MULTILINE)
    return f"""## {title}

{_said(translation, verdict)}

<div class="side-by-side">
<div>

```r
{r_text.strip()}
```

</div>
<div>

```python
{python.strip()}
```

</div>
</div>
"""


def _titled(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    return first.lstrip("# ").strip(), rest


def _said(translation: Translation, verdict: Mapping[str, Any]) -> str:
    count = translation.count(Status.UNTRANSLATED)
    name = translation.name
    missing = f" {count} statements are not translated." if count else ""
    if not verdict:
        return f"`{name}`: not verified.{missing}"
    versions = ", ".join(f"{k} {v}" for k, v in verdict["versions"].items())
    word = "Verified" if verdict["passed"] else "Not verified"
    said = (
        f"`{name}`. {word}: {verdict['summary']}; at least {verdict['digits']} digits ({versions})."
    )
    more = [*verdict["explained"], *verdict["not_run"]]
    return " ".join([said + missing, *(f"{text[0].upper()}{text[1:]}." for text in more)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the folder's Python scripts, verdicts and page again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verify", action="store_true", help="run all scripts and compare")
    parser.add_argument("--rscript", help="what starts R")
    options = parser.parse_args(arguments)
    made = translations(options.folder)
    place = options.folder / VERDICTS
    verdicts = json.loads(place.read_text("utf-8")) if place.is_file() else {}
    if options.verify:
        found = verify_all(made, Setting(options.folder, options.rscript, timeout=3600.0))
        verdicts = {one.translation.name: verdict_of(one) for one in found}
        write_whole(place, json.dumps(verdicts, indent=2) + "\n")
    for translation in made:
        write_whole((options.folder / translation.name).with_suffix(".py"), translation.python)
    introduction = (options.folder / _INTRODUCTION).read_text("utf-8")
    write_whole(options.folder.with_suffix(".md"), page(introduction, made, verdicts))


if __name__ == "__main__":
    main()
