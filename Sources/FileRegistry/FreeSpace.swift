import Glibc
import Prompts

/// The free space on a filesystem.
struct FreeSpace: Equatable {
    /// The bytes that are left; nil where that is unknown.
    var bytes: Int?
    /// How many files can still be created; nil where there is no such limit.
    var files: Int?
}

extension FreeSpace {
    /// Below this a large run may not fit.
    private static let fewBytes = 100 << 20
    private static let fewFiles = 1000

    /// The space that is left to an unprivileged user on the filesystem of `path`.
    init(of path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return }
        let product = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
        bytes = product.overflow ? .max : Int(clamping: product.partialValue)
        files = status.f_files == 0 ? nil : Int(clamping: status.f_favail)
    }

    /// The result of the health check.
    var finding: RegistryFinding {
        guard let bytes else { return .skip(.space, "the filesystem does not report its free space") }
        if bytes == 0 || files == 0 {
            let what = bytes == 0 ? "no space is left" : "no more files can be created"
            let error = RegistryError(
                .storageFull, "\(what) on the registry's filesystem", hint: "free some; see df and df -i")
            return .fail(.space, error)
        }
        if let files, files < Self.fewFiles {
            return .warn(
                .space, "only \(files) more files can be created on the registry's filesystem",
                hint: "a prompt takes about twelve; see df -i")
        }
        let text = "\(Self.text(bytes)) left on the registry's filesystem"
        guard bytes < Self.fewBytes else { return .ok(.space, text) }
        return .warn(.space, "only \(text)", hint: "free some space; see df")
    }

    private static func text(_ bytes: Int) -> String {
        switch bytes {
        case ..<(1 << 20): "\(bytes >> 10) KiB"
        case ..<(10 << 30): "\(bytes >> 20) MiB"
        case ..<(10 << 40): "\(bytes >> 30) GiB"
        default: "\(bytes >> 40) TiB"
        }
    }
}
