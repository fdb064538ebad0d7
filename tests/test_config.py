"""Settings: what is given, what is implied, what is refused, and what is never shown."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from config import (
    Settings,
    SettingsError,
    load_settings,
    make_secrets,
    variable,
    without_credentials,
)

JWT_SECRET = "j" * 32
SIGNING_KEY = "s" * 32
PRODUCTION = {
    "PINERY_ENV": "production",
    "PINERY_MONGO_URL": "mongodb://anna:hunter2@db1,db2/?replicaSet=rs",
    "PINERY_REDIS_URL": "redis://:hunter2@cache",
    "PINERY_JWT_SECRET": JWT_SECRET,
    "PINERY_SIGNING_KEY": SIGNING_KEY,
    "PINERY_ALLOWED_HOSTS": "api.example.com",
    "PINERY_MEDIA_URL": "https://media.example.com",
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test, and a relative `data_dir` is a temporary one."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)


def set_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def refusal() -> list[str]:
    """The sentences with which the present environment is refused."""
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value).splitlines()


def test_development_needs_nothing() -> None:
    settings = load_settings()
    assert settings.embedded
    assert not settings.is_production
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.mongo_driver == "pymongo"
    assert settings.served_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert settings.introspection_enabled
    assert settings.graphiql_enabled
    assert settings.max_body_bytes == 102_400
    assert not Path(".pinery").exists()  # Reading settings writes nothing.


def test_every_setting_is_described() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(
        monkeypatch,
        {
            "PINERY_PORT": "9000",
            "PINERY_MONGO_DRIVER": "motor",
            "PINERY_CORS_ORIGINS": "https://a.example, http://localhost:3000,",
            "PINERY_INTROSPECTION": "off",
            "PINERY_DATA_DIR": "elsewhere",
        },
    )
    settings = load_settings()
    assert settings.port == 9000
    assert settings.mongo_driver == "motor"
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert not settings.introspection_enabled
    assert settings.data_dir == Path("elsewhere")


def test_a_blank_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = {variable(name): "" for name in Settings.model_fields}
    expected = load_settings()
    set_environment(monkeypatch, blank)
    assert load_settings() == expected


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1


def test_a_wrong_value_is_a_sentence_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, {"PINERY_PORT": "hunter2", "PINERY_WORKERS": "0"})
    assert refusal() == [
        "PINERY_PORT: Input should be a valid integer, unable to parse string as an integer.",
        "PINERY_WORKERS: Input should be greater than or equal to 1.",
    ]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"PINERY_MONGO_URL": "mongodb://db"},
            "Set both PINERY_MONGO_URL and PINERY_REDIS_URL, or neither for embedded stores.",
        ),
        (
            {"PINERY_JWT_SECRET": JWT_SECRET, "PINERY_JWT_JWKS_URL": "https://id.example/keys"},
            "Set PINERY_JWT_SECRET or PINERY_JWT_JWKS_URL, not both.",
        ),
        (
            {"PINERY_SIGNING_KEY": "hunter2"},
            "PINERY_SIGNING_KEY has 7 bytes; it needs at least 32.",
        ),
        (
            {"PINERY_METRICS_KEY": "hunter2"},
            "PINERY_METRICS_KEY has 7 bytes; it needs at least 32.",
        ),
        (
            {"PINERY_IMAGE_PROXY_URL": "images.example"},
            "PINERY_IMAGE_PROXY_URL must be an http or https URL.",
        ),
        (
            {"PINERY_MEDIA_REGION": "eu-central-1"},
            "PINERY_MEDIA_REGION goes with PINERY_MEDIA_BUCKET.",
        ),
        (
            {"PINERY_MEDIA_BUCKET": "pictures"},
            "PINERY_MEDIA_BUCKET needs PINERY_MEDIA_URL: where its pictures are loaded from.",
        ),
        (
            {
                "PINERY_MEDIA_BUCKET": "pictures",
                "PINERY_MEDIA_URL": "https://cdn.example",
                "PINERY_MEDIA_DIR": "pictures",
            },
            "Set PINERY_MEDIA_BUCKET or PINERY_MEDIA_DIR, not both.",
        ),
        (
            {"PINERY_READ_DEADLINE_MS": "6000"},
            "PINERY_REDIS_DEADLINE_MS may not exceed PINERY_READ_DEADLINE_MS, nor that "
            "PINERY_REQUEST_DEADLINE_MS; they are 100, 6000 and 5000.",
        ),
        (
            {"PINERY_MUTATION_DEADLINE_MS": "4000"},
            "PINERY_REQUEST_DEADLINE_MS may not exceed PINERY_MUTATION_DEADLINE_MS; they are "
            "5000 and 4000.",
        ),
    ],
    ids=[
        "one store",
        "two verifiers",
        "short secret",
        "short key of metrics",
        "not a URL",
        "no bucket",
        "no CDN",
        "two places",
        "deadlines",
        "for mutations",
    ],
)
def test_contradictions_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    set_environment(monkeypatch, variables)
    assert refusal() == [sentence]


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "https://a.example/", "a.example", "https://u@a.b"]
)
def test_only_exact_origins_are_allowed(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("PINERY_CORS_ORIGINS", origin)
    (sentence,) = refusal()
    assert sentence.startswith(f"PINERY_CORS_ORIGINS holds {origin!r}; an origin is a scheme")


def test_production_names_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINERY_ENV", "production")
    assert refusal() == [
        "In production these must be set: PINERY_MONGO_URL, PINERY_REDIS_URL, "
        "PINERY_SIGNING_KEY, PINERY_JWT_JWKS_URL (or PINERY_JWT_SECRET), PINERY_ALLOWED_HOSTS, "
        "PINERY_MEDIA_URL."
    ]


@pytest.mark.parametrize(
    "name", ["MONGO_URL", "REDIS_URL", "SIGNING_KEY", "JWT_SECRET", "ALLOWED_HOSTS", "MEDIA_URL"]
)
def test_production_needs_each(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    set_environment(monkeypatch, PRODUCTION | {f"PINERY_{name}": ""})
    (sentence,) = refusal()
    assert sentence.startswith("In production these must be set: ")
    assert f"PINERY_{name}" in sentence


def test_production_with_everything_set(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION)
    settings = load_settings()
    assert not settings.embedded
    assert not settings.introspection_enabled
    assert not settings.graphiql_enabled
    assert settings.served_hosts == ("api.example.com",)
    assert settings.secrets.jwt == JWT_SECRET.encode()
    assert settings.secrets.signing == SIGNING_KEY.encode()
    assert not settings.data_dir.exists()  # Production keeps no secret in a file.


def test_metrics_are_for_everybody_in_development_and_for_a_key_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().metrics_enabled
    set_environment(monkeypatch, PRODUCTION)
    assert not load_settings().metrics_enabled
    monkeypatch.setenv("PINERY_METRICS_KEY", "k" * 32)
    assert load_settings().metrics_enabled
    assert "k" * 32 not in repr(load_settings())


def test_where_pictures_are() -> None:
    plain = Settings()
    assert plain.media_directory == Path(".pinery/media")
    assert plain.media_base_url == "http://127.0.0.1:8000/media"
    everywhere = Settings(host="0.0.0.0", port=80, data_dir=Path("data"))  # noqa: S104
    assert everywhere.media_directory == Path("data/media")
    assert everywhere.media_base_url == "http://127.0.0.1:80/media"
    assert Settings(host="::1").media_base_url == "http://[::1]:8000/media"
    given = Settings(media_dir=Path("pictures"), media_url="https://cdn.example")
    assert given.media_directory == Path("pictures")
    assert given.media_base_url == "https://cdn.example"


def test_production_wants_its_keys_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    jwks = {"PINERY_JWT_SECRET": "", "PINERY_JWT_JWKS_URL": "http://id.example/keys"}
    set_environment(monkeypatch, PRODUCTION | jwks)
    assert refusal() == ["In production PINERY_JWT_JWKS_URL must be an https URL."]
    monkeypatch.setenv("PINERY_JWT_JWKS_URL", "https://id.example/keys")
    assert load_settings().secrets.jwt is None


def test_generated_secrets_outlive_a_restart(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path / "data").secrets
    second = Settings(data_dir=tmp_path / "data").secrets
    assert first == second
    assert first.jwt is not None
    assert len(first.jwt) >= 32
    assert len(first.signing) >= 32
    assert first.jwt != first.signing
    assert first != Settings(data_dir=tmp_path / "other").secrets


def test_generated_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).secrets.signing
    (file,) = tmp_path.iterdir()
    assert file.name == "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_given_secret_is_used_beside_a_generated_one(tmp_path: Path) -> None:
    generated = Settings(data_dir=tmp_path).secrets
    settings = Settings(data_dir=tmp_path, jwt_secret=SecretStr(JWT_SECRET))
    assert settings.secrets.jwt == JWT_SECRET.encode()
    assert settings.secrets.signing == generated.signing


def test_of_two_that_start_at_once_the_first_makes_the_secrets(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path).secrets
    make_secrets(tmp_path / "secrets.json")  # What one does that saw no file a moment ago.
    assert Settings(data_dir=tmp_path).secrets == first
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_a_broken_secrets_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("[]")
    with pytest.raises(SettingsError, match="Delete the file to have new ones made"):
        _ = Settings(data_dir=tmp_path).secrets


def test_no_secret_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION)
    settings = load_settings()
    shown = [repr(settings), str(settings), repr(settings.secrets), repr(list(settings.summary()))]
    for text in shown:
        for secret in (JWT_SECRET, SIGNING_KEY, "hunter2"):
            assert secret not in text


def test_the_summary_says_where_things_are(monkeypatch: pytest.MonkeyPatch) -> None:
    set_environment(monkeypatch, PRODUCTION)
    values = {line.name: line.value for line in load_settings().summary()}
    assert values == {
        "PINERY_ENV": "production",
        "PINERY_HOST": "127.0.0.1",
        "PINERY_PORT": "8000",
        "PINERY_MONGO_URL": "mongodb://***@db1,db2/",
        "PINERY_REDIS_URL": "redis://***@cache",
        "PINERY_MONGO_DRIVER": "pymongo",
        "PINERY_TRUSTED_DOCUMENTS": "allow",
        "PINERY_INTROSPECTION": "off",
        "PINERY_GRAPHIQL": "off",
        "PINERY_JWT_SECRET": "set",
        "PINERY_SIGNING_KEY": "set",
    }


def test_the_summary_of_development() -> None:
    lines = {line.name: line for line in load_settings().summary()}
    assert lines["PINERY_MONGO_URL"].value == "embedded, in .pinery"
    assert lines["PINERY_SIGNING_KEY"].value == "generated, in .pinery/secrets.json"
    assert lines["PINERY_PORT"].description == "The port to listen on; 0 takes any."


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("redis://cache?password=hunter2", "redis://cache"),
        ("mongodb://anna:p@ss@db1,db2/x", "mongodb://***@db1,db2/x"),
        ("mongodb://anna:p?ss@db1/x?a=b", "mongodb://***@db1/x"),
    ],
)
def test_credentials_are_masked(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
