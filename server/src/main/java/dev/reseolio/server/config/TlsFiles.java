package dev.reseolio.server.config;

import java.nio.file.Path;
import java.util.Optional;

/// PEM files of the edges' TLS.
///
/// @param certificate the chain, the server's own first
/// @param key of the certificate, PKCS#8
/// @param clientAuthority of the certificates clients must show; empty: they need none
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthority) {}
