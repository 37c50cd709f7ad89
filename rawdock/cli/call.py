"""`rawdock call OPERATION [NAME=VALUE…]`: an operation by its name, checked against the catalogue before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps
from typing import TYPE_CHECKING, Any

from ..catalogue.lookup import by_id
from ..catalogue.models import OBJECT, Field, body_shape
from ..catalogue.near import near, one_of
from ..catalogue.operations import Operation, Parameter, Version, lives
from ..catalogue.values import Unknown, conforming, known_fields, parameter_text, unknown_fields
from ..errors import UsageError, VersionError
from ..request import Request
from . import verbs
from .console import Console
from .items import Item, Kind, body_of_fields, encode_filters, parse_item, steps_of, value_of
from .request_body import completed, read_item

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HELP = """Call an operation of the Engine API by its operationId. Names, types and the daemon's API version are checked before
anything is sent; what comes back is printed as by `rawdock get`. The catalogue knows where a name belongs:

  name=value           a parameter of the path, the query or the headers, or a field of the body, in its type
  Outer[Inner]=value   a field inside a field; List[]=value is one more in a list
  name:=json           a number, true, null, a list or an object
  …=@FILE              the value from a file

`rawdock op OPERATION` shows the names. Logs without stdout or stderr ask for both. Bodies that are no object, such as
archives, come from --input. What the catalogue does not know the raw verbs send all the same: `rawdock post PATH …`."""
EXAMPLES = """examples:
  rawdock call ContainerLogs id=web follow=true
  rawdock call ContainerList all=true --filter label=a=b --select '[].Names[0]'
  rawdock call ContainerCreate name=web Image=nginx Env[]=A=b HostConfig[Memory]=33554432
  rawdock call ContainerArchive id=web path=/etc -o etc.tar
  rawdock call ImageLoad --input images.tar

exit codes: 0 the daemon answered below 400, 1 an error in the middle of a stream, 4 it answered 4xx, 5 it answered 5xx,
  2 usage: no such operation, name or type, or the daemon is too old, 6 no daemon there, 7 TLS failed,
  8 what answers is no Docker daemon or broke off"""

NO_CREDENTIALS = "e30="  # {} in base64: daemons before 23.0 refuse a push without the header (moby image_push.go)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="an operationId, such as ContainerLogs")
    parser.add_argument("items", metavar="NAME=VALUE", nargs="*", default=(), help="see above")
    for names, settings in verbs.OPTIONS:
        parser.add_argument(*names, **settings)


def run(options: Namespace, console: Console) -> int:
    operation = by_id(options.operation)
    call = Call(operation)
    for word in options.items:
        call.take(parse_item(word))
    for text in [encode_filters(options.filter)] if options.filter else ():
        call.take(Item(Kind.QUERY, "filters", text, False, "--filter"))
    request = completed(call.request(options.input), console)
    return verbs.send(options, console, request, call.check_version)


class Call:
    """What is given for an operation, sorted into its places."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._parameters = {each.name: each for each in operation.parameters}
        self._shape = body_shape(operation)
        self._given: list[tuple[Parameter, str]] = []
        self._fields: list[tuple[Item, Any]] = []
        self._met: list[tuple[str, Field]] = []

    def take(self, item: Item) -> None:
        """Raises UsageError for a name that the operation does not have, and for a value of another type."""
        value = value_of(item, read_item)
        parameter = self._parameters.get(item.name.removesuffix("[]"))
        if parameter is not None:
            text = value if isinstance(value, str) else dumps(value)
            if parameter.place == "path" and any(each is parameter for each, _ in self._given):
                raise UsageError(f"{item.name} of {self._operation.id} is given twice", "give it once")
            self._given.append((parameter, parameter_text(parameter, text, self._operation.id)))
            return
        if item.kind in (Kind.FIELD, Kind.JSON) and self._takes_fields():
            name = str(steps_of(item)[0])
            assert self._shape is not None
            if self._shape.fields is None or name in self._shape.fields:
                self._fields.append((item, value))
                return
            raise self._unknown(name)
        raise self._unknown(item.name)

    def _takes_fields(self) -> bool:
        return self._shape is not None and self._shape.kind == OBJECT

    def _unknown(self, name: str) -> UsageError:
        fields = tuple(self._shape.fields or ()) if self._shape is not None else ()
        what = "body field or parameter" if fields else "parameter"
        bare = name.partition("[")[0]
        if bare in self._parameters:
            return UsageError(f"{bare} of {self._operation.id} is a parameter and has no parts", f"write {bare}=…")
        return self._no_such(what, Unknown("", bare, (*self._parameters, *fields)))

    def _no_such(self, what: str, unknown: Unknown) -> UsageError:
        names = near(unknown.name, unknown.known, 0.6)
        identifier = self._operation.id
        remedy = f"`rawdock op {identifier}` lists those that it has"
        if names:
            remedy = f"did you mean {unknown.place}{one_of(names)}?"
        elif self._shape is not None and not self._takes_fields():
            remedy += "; its body comes from --input FILE"
        return UsageError(f"{identifier} has no {what} {unknown.place + unknown.name!r}", remedy)

    def request(self, body_file: str | None) -> Request:
        """The request that is to be sent. Raises UsageError for what is missing."""
        operation = self._operation
        body = self._body(body_file)
        self._ask_for_something()
        path = operation.path
        for parameter in operation.parameters:
            if parameter.place == "path":
                path = path.replace(f"{{{parameter.name}}}", self._path_part(parameter))
        query = tuple((each.name, text) for each, text in self._given if each.place == "query")
        headers = tuple((each.name, text) for each, text in self._given if each.place == "header")
        given = {each.name for each, _ in self._given}
        for each in operation.parameters:
            if each.required and each.name not in given and each.until is None:
                if each.place != "header":
                    raise self._missing(each)
                headers += ((each.name, NO_CREDENTIALS),)
        return Request(operation.method, path, query, headers, body, body_file)

    def _path_part(self, parameter: Parameter) -> str:
        from urllib.parse import quote

        text = next((text for each, text in self._given if each is parameter), "")
        if not text:
            raise self._missing(parameter)
        safe = "/:@" if parameter.name == "name" else ":@"  # names hold slashes, as library/alpine
        return quote(text, safe=safe, errors="surrogateescape")

    def _missing(self, parameter: Parameter) -> UsageError:
        return UsageError(f"{self._operation.id} needs {parameter.name}", f"write {parameter.name}=…")

    def _ask_for_something(self) -> None:
        """The daemon refuses to show logs of neither stream."""
        asked = {each.name for each, _ in self._given}
        if "frames" in self._operation.streams and not asked & {"stdout", "stderr"}:
            self._given += [(self._parameters[name], "true") for name in ("stdout", "stderr")]

    def _body(self, body_file: str | None) -> bytes | None:
        identifier = self._operation.id
        if body_file is not None and self._shape is None:
            raise UsageError(f"--input: {identifier} has no body", "leave it out")
        if body_file is not None and self._fields:
            raise UsageError("--input and fields of a body are both given", "give one of them")
        if not self._fields or self._shape is None:
            if body_file is None and self._wants_archive():
                raise UsageError(f"{identifier} takes an archive", "write --input FILE, - for standard input")
            return None
        body = body_of_fields(self._fields)
        for unknown in unknown_fields(body, self._shape):
            raise self._no_such("body field", unknown)
        self._met = list(known_fields(body, self._shape))
        return dumps(conforming(body, self._shape, "")).encode()

    def _wants_archive(self) -> bool:
        """A build may fetch its context itself, and a pull needs none."""
        query = {each.name: text for each, text in self._given}
        if self._operation.id == "ImageCreate":
            return query.get("fromSrc") == "-"
        return "tar-in" in self._operation.streams and not query.get("remote")

    def check_version(self, spoken: Version, why: str) -> None:
        """Raise VersionError for what the API version `spoken` does not have. `why`: where that version comes from."""
        said = ((f"parameter {each.name}", each.since, each.until) for each, _ in self._given)
        fields: Iterable[tuple[str, Version | None, Version | None]]
        fields = ((f"body field {name}", field.since, field.until) for name, field in self._met)
        for name, since, until in (*said, *fields):
            if lives(since, until, spoken):
                continue
            when = f"came with API {_dotted(since)}" if since and spoken < since else ""
            when = when or f"was last in API {_dotted(until or spoken)}"
            raise VersionError(
                f"{name} of {self._operation.id} {when}, and API {_dotted(spoken)} is spoken ({why})",
                f"leave it out; `rawdock {self._operation.method.lower()}` sends it all the same",
            )


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
