/// Why a word of the command line cannot be what it stands for.
package struct ArgumentProblem: Error {
    /// The reason.
    package let reason: String
    /// The word, where there are several; nil: the only one.
    let word: String?

    /// A problem.
    ///
    /// - Parameters:
    ///   - reason: The reason, as a sentence without its full stop.
    ///   - word: The word, where there are several.
    package init(_ reason: String, word: String? = nil) {
        self.reason = reason
        self.word = word
    }
}

/// A flag together with the setting that it updates, so that no command can read a flag that it does not declare.
package struct Option<Settings>: Sendable {
    /// A place in the settings.
    package typealias Setting<Value> = any WritableKeyPath<Settings, Value> & Sendable

    /// How it is written, and what help says of it.
    package let flag: Flag
    /// Whether the command cannot do without it.
    let isRequired: Bool
    let update: @Sendable (inout Settings, String) throws(ArgumentProblem) -> Void

    /// An option with an update of its own.
    ///
    /// - Parameters:
    ///   - flag: How it is written, and what help says of it.
    ///   - isRequired: Whether the command cannot do without it; its value must not be empty then.
    ///   - update: Takes the value; an empty text for a switch.
    package init(
        _ flag: Flag, isRequired: Bool = false,
        update: @escaping @Sendable (inout Settings, String) throws(ArgumentProblem) -> Void
    ) {
        self.flag = flag
        self.isRequired = isRequired
        self.update = update
    }

    /// A switch.
    package init(_ flag: Flag, _ setting: Setting<Bool>) {
        self.init(flag) { settings, _ in settings[keyPath: setting] = true }
    }

    /// A text that need not be given.
    package init(_ flag: Flag, _ setting: Setting<String?>) {
        self.init(flag) { settings, text in settings[keyPath: setting] = text }
    }

    /// A value that is read from a text.
    ///
    /// - Parameters:
    ///   - flag: How it is written, and what help says of it.
    ///   - setting: What it sets.
    ///   - isRequired: Whether the command cannot do without it.
    ///   - read: Reads the text.
    package init<Value>(
        _ flag: Flag, _ setting: Setting<Value>, isRequired: Bool = false,
        read: @escaping @Sendable (String) throws(ArgumentProblem) -> Value
    ) {
        self.init(flag, isRequired: isRequired) { settings, text throws(ArgumentProblem) in
            settings[keyPath: setting] = try read(text)
        }
    }

    /// Values that add up.
    ///
    /// - Parameters:
    ///   - flag: How it is written, and what help says of it.
    ///   - setting: What they are appended to.
    ///   - read: Reads one of the texts.
    package init<Value>(
        _ flag: Flag, appendingTo setting: Setting<[Value]>,
        read: @escaping @Sendable (String) throws(ArgumentProblem) -> Value
    ) {
        self.init(flag) { settings, text throws(ArgumentProblem) in
            settings[keyPath: setting].append(try read(text))
        }
    }

    /// One of the words of an enumeration, which the flag's choices are.
    package init<Word: RawRepresentable<String> & SendableMetatype>(
        choice flag: Flag, _ setting: Setting<Word>
    ) {
        self.init(flag) { settings, text in
            if let word = Word(rawValue: text) { settings[keyPath: setting] = word }
        }
    }

    /// The same option of a command that has the settings as a part of its own.
    ///
    /// - Parameter part: Where it has them.
    /// - Returns: The option.
    package func at<Whole>(_ part: any WritableKeyPath<Whole, Settings> & Sendable) -> Option<Whole> {
        Option<Whole>(flag, isRequired: isRequired) { whole, text throws(ArgumentProblem) in
            try update(&whole[keyPath: part], text)
        }
    }
}

/// Options that help shows together under a title.
package struct OptionGroup<Settings>: Sendable {
    let title: String
    let options: [Option<Settings>]

    /// A group.
    ///
    /// - Parameters:
    ///   - title: The title.
    ///   - options: The options, in the order of help.
    package init(_ title: String, _ options: [Option<Settings>]) {
        self.title = title
        self.options = options
    }
}

/// A positional argument together with the setting that it updates.
package struct Argument<Settings>: Sendable {
    /// A place in the settings.
    package typealias Setting<Value> = any WritableKeyPath<Settings, Value> & Sendable

    let positional: Positional
    let update: @Sendable (inout Settings, [String]) throws(ArgumentProblem) -> Void

    /// An argument with an update of its own.
    ///
    /// - Parameters:
    ///   - positional: What help says of it, and how many words it takes.
    ///   - update: Takes the words; not called when there are none.
    package init(
        _ positional: Positional,
        update: @escaping @Sendable (inout Settings, [String]) throws(ArgumentProblem) -> Void
    ) {
        self.positional = positional
        self.update = update
    }

    /// One word.
    package init(_ positional: Positional, _ setting: Setting<String>) {
        self.init(positional) { settings, words in settings[keyPath: setting] = words[0] }
    }

    /// One word that need not be given.
    package init(_ positional: Positional, _ setting: Setting<String?>) {
        self.init(positional) { settings, words in settings[keyPath: setting] = words[0] }
    }

    /// The same argument of a command that has the settings as a part of its own.
    package func at<Whole>(_ part: any WritableKeyPath<Whole, Settings> & Sendable) -> Argument<Whole> {
        Argument<Whole>(positional) { whole, words throws(ArgumentProblem) in
            try update(&whole[keyPath: part], words)
        }
    }

    /// Any number of words.
    package init(_ positional: Positional, _ setting: Setting<[String]>) {
        self.init(positional) { settings, words in settings[keyPath: setting] = words }
    }
}

extension Array {
    /// The same options of a command that has their settings as a part of its own.
    ///
    /// - Parameter part: Where it has them.
    /// - Returns: The options.
    package func at<Whole, Part>(
        _ part: any WritableKeyPath<Whole, Part> & Sendable
    ) -> [Option<Whole>] where Element == Option<Part> {
        map { $0.at(part) }
    }
}
