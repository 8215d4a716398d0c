// SPDX-License-Identifier: Apache-2.0
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks one or more servers, each with an identity from a P12 and a trust store from another.
 *
 * Usage: P12_PASSWORD=... java JavaClient.java (URL IDENTITY.p12 TRUST.p12)...
 *
 * Prints for each the identity's file, a colon, and the answer's first line, or what went wrong.
 */
public class JavaClient {
    private static final int TIMEOUT_MILLISECONDS = 100_000;

    public static void main(String[] arguments) throws Exception {
        char[] password = System.getenv("P12_PASSWORD").toCharArray();

        for (int i = 0; i + 2 < arguments.length; i += 3) {
            String file = arguments[i + 1];
            String name = file.substring(file.lastIndexOf('/') + 1);
            try {
                System.out.println(name + ": " + ask(arguments[i], load(file, password), password, load(arguments[i + 2], password)));
            } catch (IOException | GeneralSecurityException problem) {
                System.out.println(name + ": failed: " + problem);
            }
        }
    }

    private static KeyStore load(String file, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    private static String ask(String url, KeyStore identity, char[] password, KeyStore trust)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(identity, password);
        TrustManagerFactory anchors = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        anchors.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), anchors.getTrustManagers(), null);

        HttpsURLConnection connection = (HttpsURLConnection) new URL(url).openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.setConnectTimeout(TIMEOUT_MILLISECONDS);
        connection.setReadTimeout(TIMEOUT_MILLISECONDS);
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        } finally {
            connection.disconnect();
        }
    }
}
