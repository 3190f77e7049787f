import ArgumentParsing

/// The options of commands that show what is registered, and change nothing.
struct ViewOptions: Hashable, Sendable {
    /// Where names are looked up.
    var job = JobOptions()
    /// How the registry is reached.
    var remote = RegistryOptions()
    /// What is written to the standard output.
    var format = OutputFormat.text
    /// How to write to the terminal.
    var console = ConsoleOptions()

    /// Where names are looked up.
    static let place = JobOptions.place.at(\ViewOptions.job)

    /// How what is registered is shown.
    ///
    /// - Parameters:
    ///   - view: Where the options are kept.
    ///   - console: How to write to the terminal: `ConsoleOptions.views` where the output is written in any case.
    /// - Returns: The options.
    static func outputGroup<Settings>(
        _ view: Option<Settings>.Setting<ViewOptions>,
        _ console: [Option<ConsoleOptions>] = ConsoleOptions.all
    ) -> OptionGroup<Settings> {
        let options =
            [OutputFormat.option.at(\ViewOptions.format)] + console.at(\ViewOptions.console)
        return OptionGroup("Output flags", options.at(view))
    }

    /// How the registry is reached, and how what it has is shown.
    static func groups<Settings>(
        _ view: any WritableKeyPath<Settings, ViewOptions> & Sendable,
        _ console: [Option<ConsoleOptions>] = ConsoleOptions.all
    ) -> [OptionGroup<Settings>] {
        let remote = [RegistryOptions.timeout, RegistryOptions.insecureHTTP].at(\ViewOptions.remote)
        return [OptionGroup("Remote registry flags", remote.at(view)), outputGroup(view, console)]
    }
}
