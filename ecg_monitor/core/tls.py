"""TLS connections: the authorities that are trusted, and errors in words that help."""

from __future__ import annotations

import os
import ssl

# From openssl/x509_vfy.h.
_NOT_YET_VALID = 9
_EXPIRED = 10
_WRONG_NAME = {62, 64}
"""Errors where host name or IP address is not one that the certificate is for."""
_UNTRUSTED = {2, 18, 19, 20, 21}
"""Errors where no chain leads from the certificate to a trusted authority."""

_RENEW = (
    "put a certificate that is valid now into the file that the server names "
    "(mosquitto: certfile, Redis: tls-cert-file) and have it read again (mosquitto: SIGHUP)"
)


class _Socket(ssl.SSLSocket):
    """Closes itself when the handshake fails: paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def client_context() -> ssl.SSLContext:
    """Return what a client trusts, as it is now: ``SSL_CERT_FILE``, or the system's authorities."""
    context = ssl.create_default_context()
    context.sslsocket_class = _Socket
    return context


def tls_problem(error: BaseException | None) -> str | None:
    """Return what is wrong and how to mend it, or None if the error did not come from TLS.

    Libraries wrap the error, some without naming it as the cause; it is looked for behind them.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, ssl.SSLError):
            return _explain(error)
        error = error.__cause__ or error.__context__
    return None


def _explain(error: ssl.SSLError) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS fails: {error}"
    problem = f"certificate verify failed: {error.verify_message}"
    if error.verify_code in _UNTRUSTED:
        return f"{problem}; {_trusted()}"
    if error.verify_code == _EXPIRED:
        return f"{problem}; {_RENEW}"
    if error.verify_code == _NOT_YET_VALID:
        return f"{problem}; set this machine's clock, or {_RENEW}"
    if error.verify_code in _WRONG_NAME:
        return f"{problem}; connect by a name that it has, or {_RENEW} for this one"
    return problem


def _trusted() -> str:
    """Return which authorities are trusted, and how to trust another."""
    variable = ssl.get_default_verify_paths().openssl_cafile_env
    path = os.environ.get(variable)
    if path is None:
        system = ssl.get_default_verify_paths().cafile or "the system's file"
        return (
            f"it is not signed by an authority in {system}: set {variable} to the file with the "
            f"certificate of the authority that signed it"
        )
    if not os.access(path, os.R_OK):
        return (
            f"{variable} names {path}, which cannot be read: put the authority's certificate there"
        )
    return f"it is not signed by an authority in {path} ({variable}): add the one that signed it"
