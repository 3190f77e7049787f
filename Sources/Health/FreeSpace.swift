import Glibc
import Prompts

/// The space that is left on a filesystem.
struct FreeSpace: Equatable {
    /// With less, a run of many prompts may not fit.
    private static let littleBytes = 100 << 20
    private static let fewFiles = 1000

    /// How many bytes are left; nil where that is not known.
    var bytes: Int?
    /// How many more files can be created; nil where there is no such limit.
    var files: Int?

    /// The space for a user without privileges on the filesystem of a path.
    init(of path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return }
        let product = status.f_bavail.multipliedReportingOverflow(by: status.f_frsize)
        bytes = product.overflow ? .max : Int(clamping: product.partialValue)
        files = status.f_files == 0 ? nil : Int(clamping: status.f_favail)
    }

    /// An amount of space.
    init(bytes: Int?, files: Int?) {
        self.bytes = bytes
        self.files = files
    }

    /// What doctor says about it.
    var result: HealthCheckResult {
        guard let bytes else { return .skip(.space, "the filesystem does not say how much space is left") }
        if bytes == 0 || files == 0 {
            let what = bytes == 0 ? "no space is left" : "no more files can be created"
            let error = RegistryError(
                .storageFull, "\(what) on the registry's filesystem",
                hint: "free some space; see df and df -i")
            return .fail(.space, error)
        }
        if let files, files < Self.fewFiles {
            return .warn(
                .space, "only \(files) more files can be created on the registry's filesystem",
                hint: "a prompt takes about twelve; see df -i")
        }
        let text = "\(Self.text(bytes)) left on the registry's filesystem"
        guard bytes < Self.littleBytes else { return .ok(.space, text) }
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
