"""Files that PyPI refuses, and the fields with which an uploader would send them.

Each case changes one thing of a sound wheel or sdist. Most can be known before an upload; where
PyPI judges the form alone, or the action sends what is wrong another way, `is_offline` is false.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.metadata import parse_email

from support.distributions.archives import entries, write_zip
from support.distributions.builders import PROJECT, record_line, write_sdist

NAME = "eigenoid_sample"
WHEEL = f"{NAME}-0.1.0-py3-none-any.whl"
SDIST = f"{NAME}-0.1.0.tar.gz"

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RefusedUpload:
    """One case.

    Attributes:
        text: What PyPI's answer holds.
        fields: Fields of the metadata on top of the sound ones; an empty value leaves one out.
        body: The description.
        files: Members of the archive on top of the sound ones.
        filename: Of the file, a wheel or an sdist.
        project: Its name.
        folder: A wheel's `.dist-info`, without that ending; as it should be where empty.
        form: Fields of the upload's form that are changed; None leaves one out.
        is_offline: Whether the action refuses it, before the first byte.
    """

    text: str
    fields: Fields = ()
    body: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    filename: str = WHEEL
    project: str = PROJECT
    folder: str = ""
    form: Mapping[str, str | list[str] | None] = field(default_factory=dict)
    is_offline: bool = True

    @property
    def metadata(self) -> str:
        """Return METADATA or PKG-INFO."""
        sound = {
            "Metadata-Version": "2.4",
            "Name": self.project,
            "Version": "0.1.0",
            "Summary": "A test",
            "Description-Content-Type": "text/plain",
        }
        changed = {name for name, _ in self.fields if name in sound}
        pairs = [*((name, sound[name]) for name in sound if name not in changed), *self.fields]
        head = "".join(f"{name}: {value}\n" for name, value in pairs if value)
        return f"{head}\n{self.body or 'Made for a test.'}\n"

    def write(self, folder: Path) -> Path:
        """Write the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.filename
        if path.suffix == ".whl":
            self._write_wheel(folder)
        else:
            members = {"PKG-INFO": self.metadata, **self.files}
            written = write_sdist(folder, project=self.project, members=members)
            written.rename(path)
        return path

    def _write_wheel(self, folder: Path) -> None:
        top = self.folder or "-".join(self.filename.split("-")[:2])
        info = f"{top}.dist-info"
        tags = self.filename.removesuffix(".whl").split("-")[-3:]
        lines = "".join(
            f"Tag: {python}-{abi}-{platform}\n"
            for python in tags[0].split(".")
            for abi in tags[1].split(".")
            for platform in tags[2].split(".")
        )
        contents = {
            "module.py": b"VALUE = 1\n",
            f"{info}/METADATA": self.metadata.encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n{lines}".encode(),
            **{f"{info}/{name}": text.encode() for name, text in self.files.items()},
        }
        records = "".join(record_line(name, data) for name, data in contents.items())
        record = f"{records}{info}/RECORD,,\n".encode()
        write_zip(folder, entries({**contents, f"{info}/RECORD": record}), name=self.filename)

    def form_fields(self) -> dict[str, list[str]]:
        """Return the metadata as an uploader sends them, whatever they are."""
        raw, _ = parse_email(self.metadata)
        renamed = {"platforms": "platform", "license_files": "license_file"}
        form: dict[str, list[str]] = {}
        for name, value in raw.items():
            if isinstance(value, dict):
                values = [f"{label}, {url}" for label, url in value.items()]
            elif isinstance(value, list):
                values = [", ".join(value)] if name == "keywords" else list(value)
            else:
                values = [str(value)]
            form[renamed.get(name, name)] = values
        for name, change in self.form.items():
            form[name] = change if isinstance(change, list) else [change] if change else []
        return form


def all_cases() -> dict[str, RefusedUpload]:
    """Return every case by a name of its own."""
    makers = (
        _classifiers,
        _requirements,
        _texts,
        _addresses,
        _pages,
        _licenses,
        _entry_points,
        _names,
        _folders,
        _platforms,
        _projects,
        _descriptions,
        _standard,
        _forms,
    )
    return {name: case for make in makers for name, case in make()}


def _classifiers() -> Iterator[tuple[str, RefusedUpload]]:
    for classifier in (
        "Private :: Do Not Upload",
        "Private",
        "private :: internal",
        "Programming Language :: Python :: 9",
        "License :: OSI Approved :: MIT",
        "Topic::Utilities",
        "Framework :: Nothing",
    ):
        text = f"'{classifier}' is not a valid classifier"
        yield f"classifier {classifier}", RefusedUpload(text, (("Classifier", classifier),))
    for classifier in (
        "Natural Language :: Ukranian",
        "License :: OSI Approved :: Jabber Open Source License",
        "Topic :: Communications :: Chat :: AOL Instant Messenger",
    ):
        text = f"The classifier '{classifier}' has been deprecated"
        for filename in (WHEEL, SDIST):
            case = RefusedUpload(text, (("Classifier", classifier),), filename=filename)
            yield f"deprecated {classifier} in {filename}", case


def _requirements() -> Iterator[tuple[str, RefusedUpload]]:
    direct = "Can't have direct dependency"
    for requirement in (
        "foo @ https://example.com/foo-1.0.tar.gz",
        "foo@https://example.com/foo.zip",
        "foo @ git+https://example.com/foo.git@main",
        "foo @ file:///tmp/foo",
        'foo[bar] @ https://example.com/foo.whl ; python_version > "3.9"',
        'foo @ https://example.com/foo.whl ; extra == "dev"',
    ):
        yield f"requires {requirement}", RefusedUpload(direct, (("Requires-Dist", requirement),))
    for name in ("Provides-Dist", "Obsoletes-Dist"):
        url = "foo @ https://example.com/foo.whl"
        yield f"{name} direct", RefusedUpload(direct, ((name, url),))
        yield f"{name} invalid", RefusedUpload("is invalid", ((name, "a b c"),))


def _texts() -> Iterator[tuple[str, RefusedUpload]]:
    too_long = "'summary' field must be 512 characters or less"
    for length in (513, 2000):
        yield f"summary of {length}", RefusedUpload(too_long, (("Summary", "x" * length),))
    yield (
        "summary of two lines",
        RefusedUpload("'summary' must be a single line", (("Summary", "one\n two"),)),
    )
    yield (
        "local version",
        RefusedUpload(
            "The use of local versions in '0.1.0+cpu' is not allowed",
            (("Version", "0.1.0+cpu"),),
            is_offline=False,
        ),
    )


def _addresses() -> Iterator[tuple[str, RefusedUpload]]:
    for name in ("Author-email", "Maintainer-email"):
        for address in (
            "nobody",
            "Jo",
            "Jo <jo@localhost>",
            "jo@example..com",
            "jo at example.com",
            "jo@-example.com",
            "Jo <jo jo@example.com>",
        ):
            text = "is not a valid email address"
            yield f"{name} {address}", RefusedUpload(text, ((name, address),))


def _pages() -> Iterator[tuple[str, RefusedUpload]]:
    urls = ("example.com", "ftp://example.com/a", "javascript:alert(1)", "//example.com")
    for url in urls:
        for name in ("Home-page", "Download-URL"):
            yield f"{name} {url}", RefusedUpload("is not a valid url", ((name, url),))
        case = RefusedUpload("is not a valid url", (("Project-URL", f"Home, {url}"),))
        yield f"project URL {url}", case
    for pair, text in (
        (f"{'x' * 33}, https://example.com", "must be 32 characters or less"),
        (", https://example.com", "Must have a label"),
        ("Home", "Must have a URL"),
        ("Home,", "Must have a URL"),
    ):
        yield f"project URL {pair}", RefusedUpload(text, (("Project-URL", pair),))
    twice = (("Project-URL", "Home, https://a.example"), ("Project-URL", "Home, https://b.example"))
    yield (
        "label twice",
        RefusedUpload(
            "'project_urls' has invalid data",
            twice,
            form={"project_urls": [url for _, url in twice]},
        ),
    )


def _licenses() -> Iterator[tuple[str, RefusedUpload]]:
    both = (("License", "MIT"), ("License-Expression", "MIT"))
    yield "license twice", RefusedUpload("License is deprecated when", both)
    yield "license twice in an sdist", RefusedUpload("License is deprecated", both, filename=SDIST)
    for path in ("LICENSE", "licenses/MIT.txt", "COPYING"):
        for filename in (WHEEL, SDIST):
            case = RefusedUpload(
                f"License-File {path} does not exist in distribution file {filename} at",
                (("License-File", path),),
                # At the root of `.dist-info`, where tools put them before.
                files={"LICENSE": "MIT"} if filename == WHEEL and path == "LICENSE" else {},
                filename=filename,
            )
            yield f"missing {path} in {filename}", case
    for path, text in (
        ("../LICENSE", "parent directory indicators are not allowed"),
        ("/LICENSE", "paths must be relative"),
        ("LICEN*E", "paths must be resolved"),
    ):
        yield f"license file {path}", RefusedUpload(text, (("License-File", path),))
    for version in ("2.1", "2.2", "2.3"):
        old = (("Metadata-Version", version), ("License-File", "LICENSE"))
        text = f"license-file introduced in metadata version 2.4, not {version}"
        # twine, by which the action uploads, does not send the field.
        yield f"license file in {version}", RefusedUpload(text, old, is_offline=False)
        old = (("Metadata-Version", version), ("License-Expression", "MIT"))
        text = f"license-expression introduced in metadata version 2.4, not {version}"
        yield f"license expression in {version}", RefusedUpload(text, old)
    for expression in ("MIT or so", "Custom", "MIT AND"):
        case = RefusedUpload(
            "is invalid for 'license-expression'", (("License-Expression", expression),)
        )
        yield f"license expression {expression}", case


def _entry_points() -> Iterator[tuple[str, RefusedUpload]]:
    for name, text in {
        "no section": "sample = sample:main\n",
        "no value": "[console_scripts]\nsample\n",
        "colon": "[console_scripts]\nsample: sample:main\n",
        "section twice": "[console_scripts]\na = b:c\n[console_scripts]\nd = e:f\n",
        "name twice": "[console_scripts]\na = b:c\na = b:d\n",
        "path": "[console_scripts]\n../evil = b:c\n",
        "slash": "[gui_scripts]\nbin/tool = b:c\n",
        "space": "[console_scripts]\nmy tool = b:c\n",
    }.items():
        case = RefusedUpload("has invalid entry points defined", files={"entry_points.txt": text})
        yield f"entry points: {name}", case


def _names() -> Iterator[tuple[str, RefusedUpload]]:
    for filename in (
        "eigenoid-sample-0.1.0.tar.gz",
        "Eigenoid_Sample-0.1.0.tar.gz",
        "eigenoid.sample-0.1.0.tar.gz",
        "eigenoid_sample-0.1.tar.gz",
        "eigenoid_sample-v0.1.0.tar.gz",
    ):
        yield filename, RefusedUpload("is invalid, should be", filename=filename)
    for filename in (
        "Eigenoid_Sample-0.1.0-py3-none-any.whl",
        "eigenoid.sample-0.1.0-py3-none-any.whl",
    ):
        text = "should contain the normalized project name"
        yield filename, RefusedUpload(text, filename=filename)


def _folders() -> Iterator[tuple[str, RefusedUpload]]:
    for folder in ("Eigenoid_Sample-0.1.0", "eigenoid.sample-0.1.0", "eigenoid_sample-0.1"):
        case = RefusedUpload(f"WHEEL not found at {NAME}-0.1.0.dist-info/WHEEL", folder=folder)
        yield f"folder {folder}", case


def _platforms() -> Iterator[tuple[str, RefusedUpload]]:
    for platform in (
        "linux_x86_64",
        "linux_aarch64",
        "win_arm",
        "macosx_11_3_arm64",
        "macosx_16_0_arm64",
        "macosx_10_9_arm65",
        "manylinux2010_aarch64",
        "manylinux_2_17_mips",
        "musllinux_1_2_ppc64",
        "ios_13_0_armv7_iphoneos",
        "android_21_mips",
        "freebsd_14_amd64",
        "emscripten_3_1_58_wasm32",
        "manylinux2014_x86_64.linux_x86_64",
    ):
        filename = f"{NAME}-0.1.0-cp313-cp313-{platform}.whl"
        yield platform, RefusedUpload("has an unsupported platform tag", filename=filename)


def _projects() -> Iterator[tuple[str, RefusedUpload]]:
    for project in ("json", "tomllib", "asynchat", "ConfigParser", "xml-dom", "os.path"):
        filename = f"{project.lower().replace('-', '_').replace('.', '_')}-0.1.0.tar.gz"
        case = RefusedUpload(
            "isn't allowed (conflict with Python Standard Library module name)",
            project=project,
            filename=filename,
        )
        yield f"project {project}", case


def _descriptions() -> Iterator[tuple[str, RefusedUpload]]:
    for name, body in {
        "unknown directive": "Title\n=====\n\n.. nothing:: x\n",
        "unknown role": "A :nothing:`role`.\n",
        "image without address": "A badge:\n\n.. image::\n",
        "cut table": "+---+\n| a |\n",
        "unknown target": "See nothing_ at all.\n",
    }.items():
        for kind in ("text/x-rst", ""):
            fields = (("Description-Content-Type", kind),)
            case = RefusedUpload("The description failed to render", fields, body)
            yield f"description with {name} as {kind or 'nothing'}", case


def _standard() -> Iterator[tuple[str, RefusedUpload]]:
    for name, value, text in (
        ("Metadata-Version", "2.6", "'2.6' is not a valid metadata version"),
        ("Metadata-Version", "3.0", "'3.0' is not a valid metadata version"),
        ("Requires-Python", "three", "'three' is invalid for 'requires-python'"),
        ("Requires-Dist", "a b c", "is invalid for 'requires-dist'"),
        ("Requires-Dist", "foo (>=1.0", "is invalid for 'requires-dist'"),
        ("Provides-Extra", "a b", "is invalid for 'provides-extra'"),
        ("Dynamic", "Nothing", "is not a valid dynamic field"),
        ("Dynamic", "Name", "is not allowed as a dynamic field"),
        ("Dynamic", "Dynamic", "is not a valid dynamic field"),
        ("Description-Content-Type", "text/html", "must be one of"),
        ("Description-Content-Type", "text/x-rst; charset=latin-1", "can only specify"),
    ):
        yield f"{name} {value}", RefusedUpload(text, ((name, value),))


def _forms() -> Iterator[tuple[str, RefusedUpload]]:
    for name, form, text in (
        ("protocol", {"protocol_version": "2"}, "Unknown protocol version."),
        ("no filetype", {"filetype": None}, "Invalid value for filetype. Error: This field is"),
        ("filetype", {"filetype": "bdist_egg"}, "Invalid value for filetype. Error: Use a known"),
        ("sdist's filetype", {"filetype": "sdist", "pyversion": "source"}, "Extension .whl is"),
        ("no pyversion", {"pyversion": None}, "Invalid value for pyversion. Error: Python version"),
        ("sdist's pyversion", {"filetype": "sdist"}, "Invalid value for pyversion. Error: Use 'so"),
        ("no digest", {"sha256_digest": None}, "Error: Include at least one message digest."),
        ("short digest", {"sha256_digest": "abc"}, "Invalid value for sha256_digest. Error: Use"),
        ("blake2", {"blake2_256_digest": "x" * 64}, "Invalid value for blake2_256_digest."),
        ("other digest", {"sha256_digest": "0" * 64}, "The digest supplied does not match"),
        ("other md5", {"md5_digest": "0" * 32}, "The digest supplied does not match"),
        ("other blake2", {"blake2_256_digest": "0" * 64}, "The digest supplied does not match"),
        ("no name", {"name": None}, "'' is an invalid value for Name. Error: This field is"),
        ("name", {"name": "-x-"}, "'-x-' is an invalid value for Name."),
        ("other name", {"name": "eigenoid-other"}, "Start filename with 'eigenoid_other'"),
        ("other version", {"version": "0.2.0"}, "Version in filename should be '0.2.0'"),
        ("no version", {"version": None}, "'version' is a required field"),
        ("no metadata version", {"metadata_version": None}, "is not a valid metadata version"),
    ):
        yield f"form: {name}", RefusedUpload(text, form=form, is_offline=False)
