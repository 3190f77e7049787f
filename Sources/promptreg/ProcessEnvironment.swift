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

    /// The columns of the terminal that the output goes to, within reason; 100 when it goes elsewhere.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return max(40, min(Int(size.ws_col), 120))
    }
}
