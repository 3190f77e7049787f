import Glibc

/// Hides keys and tokens in texts that are kept, however long these are.
package struct SecretMask: Hashable, Sendable {
    /// The spellings of the secrets.
    private var forms: Set<[UInt8]> = []

    /// A secret that is shorter would hide ordinary words.
    private static let shortest = 8
    /// How the names of environment variables end that have secrets.
    private static let endings = ["TOKEN", "PASSWORD", "SECRET", "API_KEY", "ACCESS_KEY"]

    /// A mask.
    ///
    /// - Parameter secrets: What is to be hidden: values of headers, with or without their scheme.
    package init(_ secrets: [Secret] = []) {
        for secret in secrets where secret.reveal().utf8.count >= Self.shortest {
            forms.formUnion(SecretForms.all(of: secret.reveal()).map { Array($0.utf8) })
        }
        forms = forms.filter { $0.count >= Self.shortest }
    }

    /// A mask for what environment variables hold that are named like secrets.
    ///
    /// - Parameter environment: The variables by name.
    package init(environment: [String: String]) {
        let secrets = environment.filter { variable in Self.endings.contains { variable.key.hasSuffix($0) } }
        self.init(secrets.values.map(Secret.init))
    }

    /// Whether it hides nothing.
    package var isEmpty: Bool { forms.isEmpty }

    /// Hides what another mask does, too.
    package mutating func add(_ other: SecretMask) { forms.formUnion(other.forms) }

    /// A text with `•••` for each secret.
    package func hiding(_ text: String) -> String {
        var text = text
        let found = text.withUTF8 { bytes in forms.filter { bytes.contains($0) } }
        // A longer one may have a shorter one in it.
        for form in found.sorted(by: { $0.count > $1.count }) {
            text = text.replacing(String(decoding: form, as: UTF8.self), with: Secret.hidden)
        }
        return text
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether some bytes are in it, one behind the other.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let start = baseAddress, let first = part.first else { return false }
        var offset = 0
        while offset + part.count <= count,
            let found = memchr(start + offset, CInt(first), count - part.count + 1 - offset)
        {
            if memcmp(found, part, part.count) == 0 { return true }
            offset = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
        }
        return false
    }
}
