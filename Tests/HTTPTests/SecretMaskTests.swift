import Foundation
import Testing

@testable import HTTP

@Suite struct SecretMaskTests {
    private let key = "dapi0123456789abcdef"

    @Test func aSecretIsHiddenInEachOfItsSpellings() {
        let mask = SecretMask([Secret("Bearer " + key)])
        let encoded = Data(key.utf8).base64EncodedString().filter { $0 != "=" }
        #expect(mask.hiding("a \(key), \(encoded) é") == "a •••, ••• é")
        #expect(mask.hiding("Bearer \(key)") == "•••")
        for text in ["", "a", "nothing of it", String(key.dropLast())] { #expect(mask.hiding(text) == text) }
    }

    @Test func theEnvironmentHasSecretsByName() {
        let mask = SecretMask(environment: [
            "OPENAI_API_KEY": "key-of-openai", "MLFLOW_TRACKING_PASSWORD": "password of mlflow",
            "DATABRICKS_TOKEN": key, "MAX_TOKEN": "4096", "USER": "somebody in particular", "MY_SECRET": "",
        ])
        let text = "key-of-openai|password of mlflow|\(key)|4096|somebody in particular"
        #expect(mask.hiding(text) == "•••|•••|•••|4096|somebody in particular")
        #expect(SecretMask(environment: ["HOME": "/root/somewhere"]).isEmpty)
    }
}
