// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Java's opinion: its PKIX trust manager, called as JSSE calls it in a handshake, with HTTPS's check of the host; a CRL or OCSP response
 * where the case has one; KeyStore for bundles.
 *
 * Usage: java Agreement.java < questions
 */
public class Agreement {
    private record Question(String name, String check, String purpose, String host, String chain, String key, String anchors,
            String crl, String ocsp, String p12, String passphrase) {
        static Question parse(String line) {
            String[] f = line.split("\t", -1);
            for (int i = 0; i < f.length; i++) {
                f[i] = f[i].equals("-") ? null : f[i];
            }
            return new Question(f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10]);
        }
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("version\tJava " + System.getProperty("java.version"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Question question = Question.parse(line);
            String verdict = "accept";
            String words = "good";
            try {
                if (question.check().equals("p12")) {
                    open(question);
                } else {
                    verify(question);
                }
            } catch (Exception problem) {
                verdict = "reject";
                words = deepest(problem);
            }
            System.out.println(question.name() + "\t" + verdict + "\t" + words.replaceAll("\\s+", " "));
        }
    }

    private static String deepest(Throwable problem) {
        while (problem.getCause() != null && problem.getCause() != problem) {
            problem = problem.getCause();
        }
        return problem.getClass().getSimpleName() + ": " + problem.getMessage();
    }

    private static X509Certificate[] certificates(String path) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new X509Certificate[0]);
        }
    }

    private static void verify(Question question) throws Exception {
        X509Certificate[] chain = certificates(question.chain());
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate anchor : certificates(question.anchors())) {
            anchors.add(new TrustAnchor(anchor, null));
        }
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        if (question.crl() != null || question.ocsp() != null) {
            revocation(question, parameters, chain[0]);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        Handshake handshake = new Handshake(chain, question.host());
        if (question.purpose().equals("server")) {
            manager.checkServerTrusted(chain, "UNKNOWN", handshake);
        } else {
            manager.checkClientTrusted(chain, "UNKNOWN", handshake);
        }
    }

    /** The leaf's state is to be known, from what the case has and nowhere else. */
    private static void revocation(Question question, PKIXBuilderParameters parameters, X509Certificate leaf) throws Exception {
        PKIXRevocationChecker checker = (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        Set<PKIXRevocationChecker.Option> options =
                EnumSet.of(PKIXRevocationChecker.Option.ONLY_END_ENTITY, PKIXRevocationChecker.Option.NO_FALLBACK);
        if (question.crl() != null) {
            options.add(PKIXRevocationChecker.Option.PREFER_CRLS);
            try (InputStream in = Files.newInputStream(Path.of(question.crl()))) {
                Collection<?> lists = CertificateFactory.getInstance("X.509").generateCRLs(in);
                parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
            }
        } else {
            checker.setOcspResponses(Map.of(leaf, Files.readAllBytes(Path.of(question.ocsp()))));
        }
        checker.setOptions(options);
        parameters.addCertPathChecker(checker);
    }

    /** A bundle is taken when it gives a key with a chain, or an anchor. */
    private static void open(Question question) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        String passphrase = Files.readString(Path.of(question.passphrase())).lines().findFirst().orElse("");
        try (InputStream in = Files.newInputStream(Path.of(question.p12()))) {
            store.load(in, passphrase.toCharArray());
        }
        for (String alias : Collections.list(store.aliases())) {
            Key key = store.getKey(alias, passphrase.toCharArray());
            Certificate[] chain = store.getCertificateChain(alias);
            if (key != null && chain != null && chain.length > 0 || store.isCertificateEntry(alias)) {
                return;
            }
        }
        throw new IOException("neither a key with a certificate nor an anchor");
    }

    /** As much of a handshake as a trust manager looks at: who the peer said it is. */
    private static final class Handshake extends SSLEngine {
        private final SSLSession session;
        private final SSLParameters parameters = new SSLParameters();

        Handshake(X509Certificate[] chain, String host) {
            super(host, 443);
            if (host != null) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            BiFunction<String, Object[], Object> answer = (name, arguments) -> switch (name) {
                case "getPeerHost" -> host;
                case "getPeerPort" -> 443;
                case "getProtocol" -> "TLSv1.3";
                case "getCipherSuite" -> "TLS_AES_128_GCM_SHA256";
                case "getPeerCertificates" -> chain;
                case "isValid" -> true;
                default -> null;
            };
            session = (SSLSession) Proxy.newProxyInstance(Agreement.class.getClassLoader(), new Class<?>[] {SSLSession.class},
                    (proxy, method, arguments) -> answer.apply(method.getName(), arguments));
        }

        @Override
        public SSLSession getHandshakeSession() {
            return session;
        }

        @Override
        public SSLSession getSession() {
            return session;
        }

        @Override
        public SSLParameters getSSLParameters() {
            return parameters;
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Runnable getDelegatedTask() {
            return null;
        }

        @Override
        public void closeInbound() {}

        @Override
        public boolean isInboundDone() {
            return false;
        }

        @Override
        public void closeOutbound() {}

        @Override
        public boolean isOutboundDone() {
            return false;
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return new String[0];
        }

        @Override
        public String[] getEnabledCipherSuites() {
            return new String[0];
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {}

        @Override
        public String[] getSupportedProtocols() {
            return new String[0];
        }

        @Override
        public String[] getEnabledProtocols() {
            return new String[0];
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {}

        @Override
        public void beginHandshake() {}

        @Override
        public SSLEngineResult.HandshakeStatus getHandshakeStatus() {
            return SSLEngineResult.HandshakeStatus.NEED_TASK;
        }

        @Override
        public void setUseClientMode(boolean mode) {}

        @Override
        public boolean getUseClientMode() {
            return true;
        }

        @Override
        public void setNeedClientAuth(boolean need) {}

        @Override
        public boolean getNeedClientAuth() {
            return false;
        }

        @Override
        public void setWantClientAuth(boolean want) {}

        @Override
        public boolean getWantClientAuth() {
            return false;
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {}

        @Override
        public boolean getEnableSessionCreation() {
            return true;
        }
    }
}
