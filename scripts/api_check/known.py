"""What is known and meant to differ from the specification: `known.yaml` as values."""

import pathlib
import re

import yaml

from .spec import canonical_path


class Known:
    """Deviations with their reasons, endpoints beyond the specification, endpoints that are not meant to be served."""

    def __init__(self, text=None):
        if text is None:
            text = (pathlib.Path(__file__).parent / "known.yaml").read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        self.deviations = content["deviations"] or []
        self.beyond = content["beyond"] or []
        self.not_meant = content["not_meant"] or {}
        self.server_events = {section: set(kinds) for section, kinds in content["server_events"].items()}
        self.used = [0] * len(self.deviations)

    def reason(self, finding):
        """Why a finding is meant to be so; None for a violation."""
        for index, deviation in enumerate(self.deviations):
            operations = deviation["operation"] if isinstance(deviation["operation"], list) else [deviation["operation"]]
            if (
                ("*" in operations or finding.operation in operations)
                and re.fullmatch(deviation["part"], finding.part)
                and re.fullmatch(str(deviation.get("at", ".*")), finding.at)
                and re.search(str(deviation.get("says", "")), finding.says)
            ):
                self.used[index] += 1
                return deviation["reason"]
        return None

    def unused(self):
        return [deviation for deviation, used in zip(self.deviations, self.used) if not used]

    def own(self, method, path):
        """The entry of an endpoint that the specification does not have, or None."""
        path = canonical_path(path)
        for entry in self.beyond:
            if method in entry["methods"].split() and re.fullmatch(entry["path"], path):
                return entry
        return None

    def is_own(self, method, path):
        return self.own(method, path) is not None
