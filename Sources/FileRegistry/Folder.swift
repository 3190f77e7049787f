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
    }
}

/// The names in an open folder, one after the other.
struct FolderListing: ~Copyable {
    private let stream: OpaquePointer

    /// Starts to list a folder that was not listed yet; nil, with `errno` set, when that fails.
    init?(of folder: borrowing Folder) {
        // The stream takes over its descriptor, and the folder keeps its own.
        let descriptor = fcntl(folder.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        guard let stream = fdopendir(descriptor) else {
            let failure = errno
            close(descriptor)
            errno = failure
            return nil
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    /// The next name, other than `.` and `..`; nil at the end, and, with `errno` set, on failure.
    func next() -> Folder.Entry? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return nil }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name == "." || name == ".." { continue }
            let kind: Folder.Entry.Kind =
                switch Int(entry.pointee.d_type) {
                case Int(DT_DIR): .folder
                case Int(DT_REG): .file
                case Int(DT_LNK): .link
                case Int(DT_UNKNOWN): .unknown
                default: .other
                }
            return Folder.Entry(name: name, kind: kind)
        }
    }
}
