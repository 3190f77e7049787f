import Glibc

/// The bytes of one file after another, in memory that is reused.
struct FileBuffer {
    /// The most bytes that a file of a registry can have.
    static let limit = 16 << 20

    /// How many of the bytes belong to the file.
    var count = 0
    private var storage = [UInt8](repeating: 0, count: 16 << 10)

    /// The file's bytes.
    var bytes: ArraySlice<UInt8> { storage[..<count] }

    /// The bytes as text; nil when they are not UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Reads more bytes behind those that are there, like `read`; the caller adds the result to the count.
    mutating func read(_ descriptor: Int32) -> Int {
        if count == storage.count { storage.append(contentsOf: repeatElement(0, count: count)) }
        let start = count
        return storage.withUnsafeMutableBytes { memory in
            let free = UnsafeMutableRawBufferPointer(rebasing: memory[start...])
            return Glibc.read(descriptor, free.baseAddress, free.count)
        }
    }
}
