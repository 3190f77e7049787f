/// A digest that tells apart what belongs to one prompt or one job; it withstands no attack.
package enum ShortDigest {
    /// The digest of some fields: FNV-1a with 64 bits, in base 36.
    ///
    /// - Parameter fields: The fields; nil differs from an empty one.
    /// - Returns: Up to 13 letters and digits.
    package static func of(_ fields: [String?]) -> String {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for field in fields {
            for byte in Array((field ?? "").utf8) + [field == nil ? 0xFE : 0xFF] {
                digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return String(digest, radix: 36)
    }
}
