"""What a scrape tells, read as Prometheus reads it."""

from prometheus_client.parser import text_string_to_metric_families


class Metrics:
    """Samples by name and labels."""

    def __init__(self, text: str) -> None:
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        self.names = {sample.name for sample in self._samples}
        self.labels = {name for sample in self._samples for name in sample.labels}
        self.label_values = {value for sample in self._samples for value in sample.labels.values()}

    def sum(self, name: str, **labels: str) -> float:
        """Of all series that have these labels; 0 where there is none."""
        return sum(s.value for s in self._samples if s.name == name and labels.items() <= s.labels.items())

    def by(self, name: str, label: str) -> dict[str, float]:
        """Each series' value by one of its labels."""
        return {sample.labels[label]: sample.value for sample in self._samples if sample.name == name}
