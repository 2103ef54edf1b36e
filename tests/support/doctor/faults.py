"""A fault that is planted, and what doctor must say of it."""

from collections.abc import Callable
from dataclasses import dataclass

from support.doctor.project import ExaminedProject, findings


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: What is wrong.
        plant: Puts it into a sound project.
        check: ID of the only check that must find it.
        mend: A text that the mend must hold.
        at: A text on the line that the finding must name; empty where it names none.
    """

    name: str
    plant: Callable[[ExaminedProject], None]
    check: str
    mend: str
    at: str = ""

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    def require_found(self, project: ExaminedProject) -> None:
        """Plant it, and require that doctor finds it and nothing else."""
        self.plant(project)
        result = project.examine()
        found = findings(result, "error", "warning")
        assert [finding["check"] for finding in found] == [self.check], [f["what"] for f in found]
        (finding,) = found
        assert self.mend in finding["fix"], finding["fix"]
        assert finding["what"], finding
        assert finding["why"], finding
        assert result.exit_status == (1 if finding["outcome"] == "error" else 0)
        assert len(result.annotations) == 1
        if self.at:
            lines = (project.folder / finding["file"]).read_text(encoding="utf-8").splitlines()
            assert self.at in lines[finding["line"] - 1], finding
        else:
            assert finding["line"] == 0, finding
