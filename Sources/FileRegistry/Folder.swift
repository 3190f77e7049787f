import Glibc

/// An open folder, closed when it goes out of scope.
struct Folder: ~Copyable {
    let path: String
    let descriptor: Int32

    /// Takes over an open descriptor.
    init(path: String, takingOver descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A name in a folder.
    struct Entry {
        enum Kind {
            case folder, file, link
            /// The filesystem does not say.
            case unknown
            /// A pipe, a socket or a device.
            case other
        }

        let name: String
        let kind: Kind

        /// Reads what `readdir` returned.
        init(_ entry: UnsafeMutablePointer<dirent>) {
            name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            switch Int(entry.pointee.d_type) {
            case Int(DT_DIR): kind = .folder
            case Int(DT_REG): kind = .file
            case Int(DT_LNK): kind = .link
            case Int(DT_UNKNOWN): kind = .unknown
            default: kind = .other
            }
        }
    }
}
