"""What is said about TLS errors; real ones are in tests/end_to_end/test_certificate.py."""

from __future__ import annotations

import ssl

import pytest

from ecg_monitor.core.tls import client_context, tls_problem


def failed(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def test_it_is_found_behind_what_a_library_made_of_it() -> None:
    try:
        try:
            raise failed(10, "certificate has expired")
        except ssl.SSLError:
            raise RuntimeError("cannot connect") from None
    except RuntimeError as error:
        said = tls_problem(error)
    assert said is not None
    assert said.startswith("certificate verify failed: certificate has expired; put a certificate")


@pytest.mark.parametrize("error", [None, OSError("away"), RuntimeError("x")])
def test_other_errors_are_none_of_ours(error: BaseException | None) -> None:
    assert tls_problem(error) is None


def test_errors_that_go_round_in_a_circle_end() -> None:
    one, other = OSError("one"), OSError("other")
    one.__cause__, other.__cause__ = other, one
    assert tls_problem(one) is None


def test_a_clock_that_is_wrong_is_named() -> None:
    said = tls_problem(failed(9, "certificate is not yet valid"))
    assert said is not None
    assert "set this machine's clock" in said


def test_the_system_file_is_named_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    said = tls_problem(failed(20, "unable to get local issuer certificate"))
    assert said is not None
    assert "set SSL_CERT_FILE to the file with the certificate of the authority" in said


def test_handshakes_that_fail_otherwise_are_told() -> None:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    assert "wrong version number" in (tls_problem(error) or "")


def test_certificates_are_checked() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
