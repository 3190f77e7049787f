import CCurl

extension HTTPRequest {
    /// The smallest body, in bytes, that is worth to be compressed.
    private static let smallestCompressed = 4_096

    /// Compresses a large body with gzip, which the server has to understand; where the machine has no zlib, it stays.
    package mutating func compress() {
        guard let body, body.count >= Self.smallestCompressed else { return }
        let compressed = [UInt8](unsafeUninitializedCapacity: body.count) { room, count in
            count = body.withUnsafeBufferPointer {
                curl_gzip($0.baseAddress, $0.count, room.baseAddress, room.count)
            }
        }
        guard !compressed.isEmpty else { return }
        self.body = compressed
        headers["Content-Encoding"] = "gzip"
    }
}
