import FoundationEssentials
import Glibc

/// What this process was given.
enum ProcessEnvironment {
    /// The environment variables by name.
    static var current: [String: String] { ProcessInfo.processInfo.environment }

    /// The current folder; `.` when it is gone.
    static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// Whether the current folder is gone: no relative path leads anywhere then.
    static var currentFolderIsDeleted: Bool {
        guard let path = getcwd(nil, 0) else { return errno == ENOENT }
        free(path)
        return false
    }

    /// The present, in milliseconds since 1970.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// Who runs this: the person who made GitHub run it, else the user.
    ///
    /// - Parameter environment: The environment variables.
    /// - Returns: The name; nil where nobody has one.
    static func author(_ environment: [String: String]) -> String? {
        let named = ["GITHUB_ACTOR", "USER", "LOGNAME"].lazy.compactMap { environment[$0] }
        if let name = named.first(where: { !$0.isEmpty }) { return name }
        return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
    }

    /// The columns of the terminal that the output goes to, within reason; 100 when it goes elsewhere.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return max(40, min(Int(size.ws_col), 120))
    }
}
