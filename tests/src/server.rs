//! The real executable, serving on a free port of this machine.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running `tiaoli serve` or `tiaoli demo`; killed when it goes out of scope.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// What it printed up to the address, line by line.
    pub printed: Vec<String>,
    /// Where it listens: `127.0.0.1:12345`.
    pub address: String,
    // Kept open: a server whose output is closed would fail to print.
    stdout: BufReader<ChildStdout>,
}

/// The executable that was built with the tests.
///
/// # Panics
/// It was not built.
pub fn executable() -> PathBuf {
    let own = std::env::current_exe().expect("a running test has a path");
    let folder = own.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    let path = folder.join("tiaoli");
    assert!(path.exists(), "build the executable first: cargo build -p web");
    path
}

impl Server {
    /// Starts a subcommand that serves, and waits until it listens.
    ///
    /// # Panics
    /// It ends before it listens; what it printed is in the message.
    pub fn start(subcommand: &str, data: &Path) -> Server {
        Server::started(Command::new(executable()), subcommand, data)
    }

    /// The same, where it writes all that it logs, as JSON, to a file.
    ///
    /// # Panics
    /// It ends before it listens, or the file cannot be written.
    pub fn start_logging(subcommand: &str, data: &Path, log: &Path) -> Server {
        let mut command = Command::new(executable());
        let log = std::fs::File::create(log).expect("the file is writable");
        command.env("TIAOLI_LOG", "info").env("TIAOLI_LOG_FORMAT", "json").stderr(log);
        Server::started(command, subcommand, data)
    }

    /// The same, where a write beyond a limit on the size of files fails instead of ending the process.
    ///
    /// # Panics
    /// It ends before it listens.
    pub fn start_ignoring_size_signal(subcommand: &str, data: &Path) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(executable());
        Server::started(command, subcommand, data)
    }

    fn started(mut command: Command, subcommand: &str, data: &Path) -> Server {
        let mut child = command
            .args(["--language", "en", subcommand, "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // A short history is enough for tests.
            .args(if subcommand == "demo" { &["--months", "2"][..] } else { &[] })
            // Servers that tests ask are on this machine.
            .env("TIAOLI_HTTP_ALLOW", "127.0.0.1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the executable starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut server = Server { child, printed: Vec::new(), address: String::new(), stdout };
        while server.address.is_empty() {
            let mut line = String::new();
            let read = server.stdout.read_line(&mut line).expect("its output is text");
            assert!(read > 0, "it ended before it listened: {:?}", server.printed);
            let line = line.trim_end().to_owned();
            server.address = line.split("http://").nth(1).unwrap_or_default().to_owned();
            server.printed.push(line);
        }
        server
    }

    /// The password that the demo printed for a person.
    ///
    /// # Panics
    /// The demo printed none.
    pub fn password_of(&self, sign_in: &str) -> String {
        let line = self.printed.iter().find(|line| line.split_whitespace().next() == Some(sign_in));
        let password = line.and_then(|line| line.split_whitespace().nth(1));
        password.expect("the demo prints who can sign in").to_owned()
    }

    /// Ends it at once, as a power failure would: SIGKILL.
    ///
    /// # Panics
    /// It had ended by itself.
    pub fn kill(mut self) {
        assert!(self.child.try_wait().expect("it is our child").is_none(), "it ended by itself");
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }

    /// Stops it where it is, as a machine without time for it would: SIGSTOP.
    ///
    /// # Panics
    /// It cannot be told.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on: SIGCONT.
    ///
    /// # Panics
    /// It cannot be told.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let told = Command::new("kill").arg(signal).arg(self.pid().to_string()).status().expect("kill is everywhere");
        assert!(told.success(), "it cannot be told {signal}");
    }

    /// The operating system's number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
