"""Registry credentials: references, config.json, helpers and headers. No error, repr or pickle may show a secret.

It is long because it is tables of references, files and helpers.
"""

from __future__ import annotations

import base64
import copy
import json
import pickle
import stat
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rawdock.errors import CredentialsError, RawdockError, RequestError
from rawdock.registry import (
    HUB_KEY,
    Credentials,
    CredentialStore,
    Finished,
    Reference,
    auth_header,
    config_header,
    config_key,
    run_program,
)

SECRET = "s3cr3t-Gn0me"
DIGEST = "sha256:" + "0123456789abcdef" * 4
HOST = "registry.example:5000"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


AUTH = {"auth": encoded(f"ann:{SECRET}")}


# References


@pytest.mark.parametrize(
    ("text", "registry", "path", "tag", "digest", "name"),
    [
        ("alpine", "docker.io", "library/alpine", None, None, "alpine"),
        ("alpine:3.20", "docker.io", "library/alpine", "3.20", None, "alpine"),
        ("team/app", "docker.io", "team/app", None, None, "team/app"),
        ("docker.io/alpine", "docker.io", "library/alpine", None, None, "alpine"),
        ("index.docker.io/team/app", "docker.io", "team/app", None, None, "team/app"),
        ("docker.io/library/alpine", "docker.io", "library/alpine", None, None, "alpine"),
        ("a/b/c", "docker.io", "a/b/c", None, None, "a/b/c"),
        ("library/a/b", "docker.io", "library/a/b", None, None, "library/a/b"),
        ("localhost/app", "localhost", "app", None, None, "localhost/app"),
        ("localhost:5000/app", "localhost:5000", "app", None, None, "localhost:5000/app"),
        ("registry.example/app:1", "registry.example", "app", "1", None, "registry.example/app"),
        (f"{HOST}/team/app:1.2", HOST, "team/app", "1.2", None, f"{HOST}/team/app"),
        (f"{HOST}/app@{DIGEST}", HOST, "app", None, DIGEST, f"{HOST}/app"),
        (f"alpine:3.20@{DIGEST}", "docker.io", "library/alpine", "3.20", DIGEST, "alpine"),
        ("HOST/app", "HOST", "app", None, None, "HOST/app"),
        ("[::1]:5000/app:x", "[::1]:5000", "app", "x", None, "[::1]:5000/app"),
        ("127.0.0.1:5000/app", "127.0.0.1:5000", "app", None, None, "127.0.0.1:5000/app"),
        ("a__b.c-d--e", "docker.io", "library/a__b.c-d--e", None, None, "a__b.c-d--e"),
        ("localhost", "docker.io", "library/localhost", None, None, "localhost"),
    ],
)
def test_a_reference_names_its_registry(
    text: str, registry: str, path: str, tag: str | None, digest: str | None, name: str
) -> None:
    reference = Reference.parse(text)
    assert reference == Reference(registry, path, tag, digest)
    assert reference.name == name
    assert Reference.parse(str(reference)) == reference


def test_the_version_is_the_digest_then_the_tag_then_latest() -> None:
    versions = [Reference.parse(text).version for text in (f"app:1@{DIGEST}", f"app@{DIGEST}", "app:1", "app")]
    assert versions == [DIGEST, DIGEST, "1", "latest"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'library/' is no repository's name"),
        ("Alpine", "'library/Alpine' has capital letters"),
        ("team//app", "'team//app' is no repository's name"),
        ("app:", "'' is no tag"),
        ("app: 1", "' 1' is no tag"),
        (f"app:{'x' * 129}", "is no tag"),
        ("app@sha256:abc", "'sha256:abc' is no digest"),
        ("app@", "'' is no digest"),
        ("-host.example/app", "'-host.example' is no host"),
        ("a" * 64, "64 hexadecimal digits are an image's ID"),
        ("x" * 256, "its name is over 255 bytes"),
        ("app\n", "is no repository's name"),
        ("http://registry.example/app", "'http:' is no host"),
    ],
)
def test_what_is_no_reference_is_said_so(text: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        Reference.parse(text)
    assert words in caught.value.cause
    assert repr(text) in caught.value.cause


def test_docker_hub_has_its_old_key() -> None:
    assert [config_key(name) for name in ("docker.io", "index.docker.io", HOST)] == [HUB_KEY, HUB_KEY, HOST]


# config.json


def store(folder: Path, config: object = None, **environ: str) -> CredentialStore:
    if config is not None:
        text = config if isinstance(config, str) else json.dumps(config)
        folder.joinpath("config.json").write_text(text)
    return CredentialStore({"DOCKER_CONFIG": str(folder), **environ})


def shown(credentials: Credentials | None) -> dict[str, str]:
    assert credentials is not None
    return credentials.document()


@pytest.mark.parametrize(
    ("entry", "document"),
    [
        (AUTH, {"username": "ann", "password": SECRET}),
        ({"auth": encoded("ann:with:colon")}, {"username": "ann", "password": "with:colon"}),
        ({"auth": encoded("ann:padded\0\0")}, {"username": "ann", "password": "padded"}),
        ({"auth": encoded("ann:")}, {"username": "ann"}),
        ({"username": "ann", "password": SECRET}, {"username": "ann", "password": SECRET}),
        ({"identitytoken": SECRET}, {"identitytoken": SECRET}),
        ({"registrytoken": SECRET}, {"registrytoken": SECRET}),
        (AUTH | {"identitytoken": "t"}, {"username": "ann", "password": SECRET, "identitytoken": "t"}),
        (AUTH | {"email": "ann@example", "serveraddress": "x"}, {"username": "ann", "password": SECRET}),
    ],
)
def test_an_entry_of_auths_is_read(tmp_path: Path, entry: dict[str, str], document: dict[str, str]) -> None:
    found = store(tmp_path, {"auths": {HOST: entry}}).for_image(f"{HOST}/app:1")
    assert shown(found) == document | {"serveraddress": HOST}


@pytest.mark.parametrize(
    ("key", "image"),
    [
        (HUB_KEY, "alpine"),
        ("docker.io", "docker.io/team/app"),
        ("index.docker.io", "alpine"),
        ("https://index.docker.io/v1/", "index.docker.io/alpine"),
        ("https://index.docker.io/v2/", "alpine"),
        (HOST, f"{HOST}/app"),
        (f"https://{HOST}/v1/", f"{HOST}/app"),
        (f"http://{HOST}", f"{HOST}/a/b"),
        ("localhost:5000", "localhost:5000/app"),
    ],
)
def test_the_entry_of_an_images_registry_is_found(tmp_path: Path, key: str, image: str) -> None:
    config = {"auths": {"other.example": {"auth": encoded("bob:other")}, key: AUTH}}
    found = store(tmp_path, config).for_image(image)
    assert shown(found)["username"] == "ann"
    assert shown(found)["serveraddress"] == config_key(Reference.parse(image).registry)


@pytest.mark.parametrize("key", ["registry.example", "registry.example:5001", f"{HOST}0", f"sub.{HOST}"])
def test_the_entry_of_another_registry_is_not_used(tmp_path: Path, key: str) -> None:
    assert store(tmp_path, {"auths": {key: AUTH}}).for_registry(HOST) is None


def test_an_exact_entry_goes_before_an_old_one(tmp_path: Path) -> None:
    old = {"auth": encoded("old:old")}
    found = store(tmp_path, {"auths": {f"https://{HOST}/v1/": old, HOST: AUTH}}).for_registry(HOST)
    assert shown(found)["username"] == "ann"


@pytest.mark.parametrize("config", [None, "", "{}", {"auths": {}}, {"auths": None}, {"auths": {HOST: {}}}])
def test_without_an_entry_there_are_no_credentials(tmp_path: Path, config: object) -> None:
    assert store(tmp_path, config).for_registry(HOST) is None


def test_the_folder_is_the_callers_then_docker_configs_then_homes(tmp_path: Path) -> None:
    for name in ("given", "configured", "home/.docker"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        folder.joinpath("config.json").write_text(json.dumps({"auths": {HOST: {"auth": encoded(f"{name}:x")}}}))
    home = {"HOME": str(tmp_path / "home")}
    configured = home | {"DOCKER_CONFIG": str(tmp_path / "configured")}
    stores = (
        CredentialStore(configured, str(tmp_path / "given")),
        CredentialStore(configured),
        CredentialStore(home),
    )
    assert [shown(one.for_registry(HOST))["username"] for one in stores] == ["given", "configured", "home/.docker"]


def test_docker_auth_config_goes_first_and_falls_back(tmp_path: Path) -> None:
    text = json.dumps({"auths": {HOST: {"auth": encoded("env:x")}}})
    both = store(tmp_path, {"auths": {HOST: AUTH, "other.example": AUTH}}, DOCKER_AUTH_CONFIG=text)
    assert shown(both.for_registry(HOST))["username"] == "env"
    assert shown(both.for_registry("other.example"))["username"] == "ann"


# Helpers


class Keychain:
    """A runner that answers for helpers from a table and remembers what it was asked."""

    def __init__(self, answers: Mapping[tuple[str, str, str], Finished]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, words: list[str], stdin: bytes, environ: Mapping[str, str], timeout: float) -> Finished:
        question = Path(words[0]).name.removeprefix("docker-credential-"), words[1], stdin.decode()
        self.asked.append(question)
        return self.answers.get(question, Finished(1, b"credentials not found in native keychain\n"))


def says(user: str, secret: str = SECRET) -> Finished:
    return Finished(0, json.dumps({"ServerURL": "x", "Username": user, "Secret": secret}).encode())


def program(folder: Path, name: str, text: str = "") -> Path:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def helped(folder: Path, config: object, answers: Mapping[tuple[str, str, str], Finished]) -> CredentialStore:
    for name in ("one", "two"):
        program(folder, name)
    store(folder, config)
    return CredentialStore({"DOCKER_CONFIG": str(folder), "PATH": str(folder)}, run=Keychain(answers))


def test_a_registrys_own_helper_goes_before_the_store_and_this_before_auths(tmp_path: Path) -> None:
    config = {"auths": {"c.example": AUTH, "b.example": AUTH}, "credHelpers": {"a.example": "one"}, "credsStore": "two"}
    answers = {
        ("one", "get", "a.example"): says("own"),
        ("two", "get", "b.example"): says("common"),
    }
    keychain = helped(tmp_path, config, answers)
    users = [shown(keychain.for_registry(f"{name}.example"))["username"] for name in "abc"]
    assert users == ["own", "common", "ann"]
    assert isinstance(keychain.run, Keychain)
    assert keychain.run.asked[-1] == ("two", "get", "c.example")


@pytest.mark.parametrize("name", [HUB_KEY, "docker.io", "index.docker.io"])
def test_a_helper_is_asked_for_docker_hub_by_its_old_key(tmp_path: Path, name: str) -> None:
    keychain = helped(tmp_path, {"credHelpers": {name: "one"}}, {("one", "get", HUB_KEY): says("hub")})
    assert shown(keychain.for_image("alpine")) == {
        "username": "hub",
        "password": SECRET,
        "serveraddress": HUB_KEY,
    }


def test_an_empty_helper_turns_the_store_off_for_a_registry(tmp_path: Path) -> None:
    config = {"auths": {HOST: AUTH}, "credHelpers": {HOST: ""}, "credsStore": "one"}
    keychain = helped(tmp_path, config, {("one", "get", HOST): says("store")})
    assert shown(keychain.for_registry(HOST))["username"] == "ann"


def test_the_user_token_means_an_identity_token(tmp_path: Path) -> None:
    keychain = helped(tmp_path, {"credsStore": "one"}, {("one", "get", HOST): says("<token>")})
    assert shown(keychain.for_registry(HOST)) == {"identitytoken": SECRET, "serveraddress": HOST}


def test_a_keychain_that_has_none_is_no_error(tmp_path: Path) -> None:
    assert helped(tmp_path, {"credsStore": "one"}, {}).for_registry(HOST) is None
    assert helped(tmp_path, {"credsStore": "one"}, {("one", "get", HOST): says("", "")}).for_registry(HOST) is None


def test_a_real_program_gets_the_registry_on_stdin_and_its_environment(tmp_path: Path) -> None:
    program(tmp_path, "real", 'read -r server; printf \'{"Username":"%s","Secret":"%s"}\' "$server" "$VALUE"')
    real = store(tmp_path, {"credsStore": "real"}, PATH=f"{tmp_path}:/bin:/usr/bin", VALUE=SECRET)
    assert shown(real.for_registry(HOST)) == {"username": HOST, "password": SECRET, "serveraddress": HOST}


def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    path = program(tmp_path, "slow", "exec tail -f /dev/null")
    assert run_program([str(path), "get"], b"x", {"PATH": "/bin:/usr/bin"}, 0.05) == Finished(None, b"")


def test_all_credentials_are_gathered_for_a_build(tmp_path: Path) -> None:
    config = {
        "auths": {"a.example": AUTH, "b.example": AUTH, "empty.example": {}},
        "credHelpers": {"c.example": "one", "none.example": "one"},
        "credsStore": "two",
    }
    answers = {
        ("one", "get", "c.example"): says("helper"),
        ("two", "list", "unused"): Finished(0, json.dumps({"b.example": "x", HUB_KEY: "y"}).encode()),
        ("two", "get", "b.example"): says("store"),
        ("two", "get", HUB_KEY): says("hub"),
    }
    found = helped(tmp_path, config, answers).for_build()
    users = {server: one.username for server, one in found.items()}
    assert users == {"a.example": "ann", "b.example": "store", "c.example": "helper", HUB_KEY: "hub"}


# Headers


def decoded(header: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(header))


def test_the_auth_header_is_base64url_json_with_padding() -> None:
    for length in range(6):
        credentials = Credentials("ann", "ÿþ?>" * length + "x" * length, server=HOST)
        header = auth_header(credentials)
        assert decoded(header) == credentials.document()
        assert len(header) % 4 == 0
        assert not {"+", "/"} & set(header)


def test_without_credentials_the_header_is_an_empty_object() -> None:
    assert auth_header(None) == "e30="


def test_the_config_header_maps_registries_to_credentials() -> None:
    header = config_header({HOST: Credentials("ann", SECRET), "empty.example": Credentials()})
    assert decoded(header) == {HOST: {"username": "ann", "password": SECRET}}


def test_a_mapping_in_the_daemons_words_becomes_credentials() -> None:
    words = {"username": "ann", "password": SECRET, "email": "x", "identitytoken": None, "serveraddress": HOST}
    assert Credentials.of(words) == Credentials("ann", SECRET, server=HOST)
    with pytest.raises(RequestError, match="password of the credentials from the caller is no text"):
        Credentials.of({"username": "ann", "password": 7})


# No secret is ever shown


def test_neither_repr_nor_str_nor_a_pickle_shows_a_secret(tmp_path: Path) -> None:
    for values in ({"username": SECRET, "password": SECRET}, {"identity_token": SECRET}, {"registry_token": SECRET}):
        credentials = Credentials(**values, server=HOST, origin="auths in config.json")
        for text in (repr(credentials), str(credentials), f"{credentials}", repr([credentials])):
            assert SECRET not in text
            assert HOST in text
        with pytest.raises(TypeError) as caught:
            pickle.dumps(credentials)
        assert SECRET not in str(caught.value)
        assert copy.deepcopy(credentials) == credentials
        assert copy.copy(credentials) is credentials
    stores = store(tmp_path, DOCKER_AUTH_CONFIG=json.dumps({"auths": {HOST: AUTH}}), TOKEN=SECRET)
    assert SECRET not in repr(stores)
    assert AUTH["auth"] not in repr(stores)


BROKEN: dict[str, tuple[object, dict[str, str], str]] = {
    "no JSON": (f'{{"auths": {{"{HOST}": {SECRET}}}}}', {}, "config.json is no JSON: Expecting value, line 1 column"),
    "no object": (f'["{SECRET}"]', {}, "config.json holds no JSON object"),
    "auths is a list": ({"auths": [SECRET]}, {}, "auths in"),
    "an entry is text": ({"auths": {HOST: SECRET}}, {}, f"auths of {HOST} in"),
    "auth is no base64": ({"auths": {HOST: {"auth": SECRET}}}, {}, f"auth of {HOST} in"),
    "auth has no colon": ({"auths": {HOST: {"auth": encoded(SECRET)}}}, {}, "is no base64 of USER:PASSWORD"),
    "auth has no user": ({"auths": {HOST: {"auth": encoded(f":{SECRET}")}}}, {}, "is no base64 of USER:PASSWORD"),
    "auth is no text": ({"auths": {HOST: {"auth": [SECRET]}}}, {}, f"auth of {HOST} in"),
    "a token is no text": ({"auths": {HOST: {"identitytoken": [SECRET]}}}, {}, "identitytoken of the credentials"),
    "the helper's name is no text": ({"credHelpers": {HOST: [SECRET]}}, {}, f"credHelpers of {HOST} in"),
    "the store's name is no text": ({"credsStore": [SECRET]}, {}, "credsStore in"),
    "the environment is no JSON": (None, {"DOCKER_AUTH_CONFIG": f"{{{SECRET}"}, "DOCKER_AUTH_CONFIG is no JSON"),
    "the helper is missing": ({"credsStore": "gone"}, {}, "docker-credential-gone from credsStore in"),
    "the helper's name is a path": ({"credsStore": "../one"}, {}, "is not in PATH"),
}


def texts_of(error: BaseException) -> str:
    """All that a log could show of it: its text, its arguments, its causes and contexts, whatever these hold, its pickle."""
    found = "".join(traceback.format_exception(error))
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        found += str(error) + repr(error) + repr(vars(error))
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return found


def assert_silent(act: Callable[[], object], words: str) -> None:
    with pytest.raises(RawdockError) as caught:
        act()
    text = texts_of(caught.value)
    assert words in text
    for form in (SECRET, encoded(SECRET), encoded(f"ann:{SECRET}"), encoded(f":{SECRET}")):
        assert form not in text
        assert form.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_an_error_of_config_json_shows_no_secret(tmp_path: Path, case: str) -> None:
    config, environ, words = BROKEN[case]
    broken = store(tmp_path, config, PATH=str(tmp_path), **environ)
    assert_silent(lambda: broken.for_registry(HOST), words)


def test_a_config_json_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    tmp_path.joinpath("config.json").write_bytes(b'{"auths": "\xff' + SECRET.encode())
    assert_silent(lambda: store(tmp_path).for_registry(HOST), "config.json is no JSON: it is no UTF-8")


def test_a_config_json_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    tmp_path.joinpath("config.json").mkdir()
    assert_silent(lambda: store(tmp_path).for_registry(HOST), "config.json cannot be read: Is a directory")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Finished(1, SECRET.encode()), "ended with exit code 1"),
        (Finished(3, f'{{"Secret":"{SECRET}"}}'.encode()), "ended with exit code 3"),
        (Finished(1, b"no credentials server URL"), "ended with exit code 1 (no credentials server URL)"),
        (Finished(0, SECRET.encode()), "answered what is no JSON object"),
        (Finished(0, f'{{"Secret":"{SECRET}"'.encode()), "answered what is no JSON object"),
        (Finished(0, f'["{SECRET}"]'.encode()), "answered what is no JSON object"),
        (Finished(0, b"\xff" + SECRET.encode()), "answered what is no JSON object"),
        (Finished(0, f'{{"Username":["{SECRET}"],"Secret":"{SECRET}"}}'.encode()), "without the texts Username and"),
        (Finished(None, SECRET.encode()), "took over 10 s"),
    ],
)
def test_an_error_of_a_helper_names_it_and_the_registry_and_shows_no_secret(
    tmp_path: Path, answer: Finished, words: str
) -> None:
    keychain = helped(tmp_path, {"credHelpers": {HOST: "one"}}, {("one", "get", HOST): answer})
    named = f"docker-credential-one from credHelpers in {tmp_path}/config.json, asked for {HOST}, "
    assert_silent(lambda: keychain.for_registry(HOST), named + words if not words.startswith("without") else words)


def test_a_helper_that_cannot_be_started_is_said_so(tmp_path: Path) -> None:
    path = program(tmp_path, "odd")
    path.write_bytes(b"\0\1\2 no program")
    broken = store(tmp_path, {"credsStore": "odd"}, PATH=str(tmp_path), TOKEN=SECRET)
    assert_silent(lambda: broken.for_registry(HOST), f"asked for {HOST}, cannot be started: Exec format error")


def test_what_is_not_found_is_found_out_before_any_helper_runs(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no repository's name"):
        helped(tmp_path, {"credsStore": "one"}, {}).for_image("a//b")
    assert issubclass(CredentialsError, RawdockError)
