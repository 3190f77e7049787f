import Glibc
import PromptRegistry

/// An open folder, closed when it goes out of scope.
struct Folder: ~Copyable {
    let path: String
    let descriptor: Int32
    private let stream: OpaquePointer

    /// Takes over an open descriptor; nil, with `errno` set and the descriptor closed, when it is no folder's.
    init?(path: String, takingOver descriptor: Int32) {
        guard let stream = fdopendir(descriptor) else {
            let failure = errno
            close(descriptor)
            errno = failure
            return nil
        }
        self.path = path
        self.descriptor = descriptor
        self.stream = stream
    }

    deinit { closedir(stream) }

    /// A name in a folder.
    struct Entry {
        enum Kind {
            case folder
            case file
            case link
            /// The filesystem does not say.
            case unknown
            /// A pipe, a socket or a device.
            case other
        }

        let name: String
        let kind: Kind
    }

    /// The next name in the folder, without `.` and `..`; nil after the last one, and on failure, with `errno`
    /// set.
    func nextEntry() -> Entry? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return nil }
            let type = Int(entry.pointee.d_type)
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name == "." || name == ".." { continue }
            return Entry(name: name, kind: Self.kind(type))
        }
    }

    private static func kind(_ type: Int) -> Entry.Kind {
        switch type {
        case Int(DT_DIR): .folder
        case Int(DT_REG): .file
        case Int(DT_LNK): .link
        case Int(DT_UNKNOWN): .unknown
        default: .other
        }
    }
}
