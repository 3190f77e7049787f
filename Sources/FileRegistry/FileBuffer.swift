import Glibc

/// The bytes of one file after another, in memory that is used again.
struct FileBuffer {
    /// The most bytes that a file of a registry may have.
    static let limit = 16 << 20

    /// How many of the bytes are the file's.
    var count = 0
    private var storage = [UInt8](repeating: 0, count: 16 << 10)

    /// The file's bytes.
    var bytes: ArraySlice<UInt8> { storage[..<count] }

    /// Reads on behind the bytes that are there.
    ///
    /// - Returns: What `read` does; the caller adds it to the count.
    mutating func read(_ descriptor: Int32) -> Int {
        if count == storage.count { storage.append(contentsOf: repeatElement(0, count: count)) }
        let start = count
        return storage.withUnsafeMutableBytes { memory in
            let free = UnsafeMutableRawBufferPointer(rebasing: memory[start...])
            return Glibc.read(descriptor, free.baseAddress, free.count)
        }
    }

    /// The bytes as text; nil when they are not UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }
}
