# SPDX-License-Identifier: Apache-2.0
"""Which room may lean on which others: read by `rooms` in what is included, and by `symbols` in what was compiled."""

import source

ALLOWED = {
    "base": {"base"},
    "x509": {"base", "x509"},
    "library": {"base", "x509", "library"},
    "fixtures": {"base", "x509", "fixtures"},
    "manifest": {"base", "x509", "manifest"},
    "plan": {"base", "x509", "manifest", "plan"},
    "ledger": {"base", "ledger"},
    "token": {"base", "x509", "token"},
    "handout": {"base", "manifest", "handout"},
    "issuing": {"base", "x509", "manifest", "plan", "ledger", "token", "issuing"},
    "apply": {"base", "x509", "manifest", "plan", "ledger", "token", "handout", "issuing", "apply"},
    "operations": {"base", "x509", "manifest", "plan", "ledger", "token", "handout", "issuing", "operations"},
    "console": {"base", "x509", "manifest", "console"},
    "command": set(source.FOLDERS["ca"]) - {"library"},
    "store": {"base", "x509", "store"},
    "identity": {"base", "x509", "identity"},
    "journal": {"base", "x509", "store", "journal"},
    "installation": {"base", "x509", "manifest", "identity", "store", "installation"},
    "system": {"base", "x509", "store", "system"},
    "nss": {"base", "x509", "store", "nss"},
    "pkcs11": {"base", "x509", "token", "store", "pkcs11"},
    "macos": {"base", "x509", "store", "macos"},
    "mobileconfig": {"base", "x509", "store", "mobileconfig"},
    "choice": {"base", "x509", "store", "system", "nss", "pkcs11", "macos", "choice"},
    "steps": {"base", "x509", "manifest", "identity", "store", "journal", "installation", "steps"},
    "commands": {"base", "x509", "manifest", "console", *source.FOLDERS["keychain-import"]} - {"system", "nss", "pkcs11", "macos"},
}
