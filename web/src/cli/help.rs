//! What `--help` says, in Chinese: the English texts stand at the arguments themselves.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, ValueEnum};

use super::speech::Speech;

/// Each English text with its Chinese one.
const IN_CHINESE: &[(&str, &str)] = &[
    (
        "A process platform for IT service management after ISO/IEC 20000-1",
        "依据 ISO/IEC 20000-1 的 IT 服务管理流程平台",
    ),
    (
        "The language of what is printed: en or zh. Taken from LANG where not given",
        "输出所用的语言：en 或 zh；默认依据 LANG",
    ),
    (
        "Serve a demo organisation with history, in a data folder of its own",
        "提供一个带有历史数据的演示组织，使用单独的数据目录",
    ),
    (
        "Serve an installation; an empty one begins with a page that makes the first administrator",
        "提供服务；新系统首先显示创建首位管理员的页面",
    ),
    ("Write a process to begin with", "生成一个可以着手修改的流程"),
    ("Check definition files and show every problem", "检查流程文件，列出所有问题"),
    ("Lay out definition files", "调整流程文件的排版"),
    ("Run the examples of definition files", "运行流程文件中的示例"),
    ("Say what a definition file says, as plain sentences", "用通俗的话说明流程文件的内容"),
    ("Say what changed between two versions of a definition", "说明流程的两个版本之间有哪些变化"),
    ("Draw a definition file as SVG", "把流程文件画成 SVG 流程图"),
    ("Say what a deployment would mean for the records that run", "说明部署会给在办的记录带来什么影响"),
    (
        "Bring running records to another version of their process; without --order only what would happen is said",
        "把在办的记录迁移到流程的另一版本；不加 --order 只说明会发生什么",
    ),
    (
        "Give one order to many records, watch it, stop it, bring it back",
        "对多条记录下达同一命令，查看进度、停止或撤回",
    ),
    ("The process", "流程"),
    ("The version that the records follow", "记录现在使用的版本"),
    ("The version to which they come; the current one where not given", "迁移到的版本；默认为当前版本"),
    (
        "A step and what it is called in the new version, where the texts do not say so; an empty name takes it out",
        "步骤在新版本中的名称（流程文本没有说明时）；名称为空表示不迁移停在该步骤的记录",
    ),
    ("A field and what it is called in the new version", "字段在新版本中的名称"),
    ("A clock and what it is called in the new version", "计时在新版本中的名称"),
    ("A clock that is given up, with all that it has measured", "放弃的计时，其计时结果也不再保留"),
    ("A value for a field that has none", "为没有值的字段指定的值"),
    ("Only the records of these numbers", "仅限这些编号的记录"),
    ("Give the order; without it, only what would happen is said", "下达命令；不加时只说明会发生什么"),
    ("Who gives the order: a sign-in name of the installation", "由谁下达：系统中的登录名"),
    ("Why, for the history of every record", "原因，记入每条记录的历史"),
    ("For people, or one JSON object per record and line for machines", "供人阅读，或每条记录输出一行 JSON 供程序读取"),
    (
        "Order something of many records; without --order only what would happen is said",
        "对多条记录下达命令；不加 --order 只说明会发生什么",
    ),
    ("List the batches, newest first", "列出各批次，最新的在前"),
    ("Say what became of a batch's records", "说明一个批次中各记录的结果"),
    ("Let a batch go no further; what was done stays done", "停止一个批次；已完成的不受影响"),
    (
        "Bring back what a migration has moved, but for records that somebody has worked on since",
        "撤回一次迁移；此后有人处理过的记录除外",
    ),
    ("Make a batch final: it cannot be brought back any more", "确认一个批次：此后不能再撤回"),
    ("The batch's number", "批次编号"),
    ("What to do with each record", "对每条记录做什么"),
    ("Only records of this process", "仅限该流程的记录"),
    ("Only records of this version of the process", "仅限该流程这一版本的记录"),
    ("Only records that stand in this step, or in something in it", "仅限停在该步骤（或其内部）的记录"),
    ("Only records that are so", "仅限处于该状态的记录"),
    ("For move: where the record goes from; --step where not given", "用于 move：从哪个步骤移出；默认取 --step"),
    ("For move: where the record goes", "用于 move：移到哪个步骤"),
    (
        "For edit and mend: a field's new value; empties the field where the value is empty",
        "用于 edit 和 mend：字段的新值；值为空则清空该字段",
    ),
    ("Make a definition file the current version of its process", "把流程文件部署为该流程的当前版本"),
    (
        "Drive an organisation's event log through a process at the log's own instants",
        "按日志中的时间，把一个组织的事件日志在流程中重演",
    ),
    (
        "Check the integrity of an installation: facts fold into states, hash chains hold",
        "检查系统数据是否完整：事实与状态相符，哈希链未断",
    ),
    ("Copy an installation while it runs, and check the copy", "在系统运行时备份，并检查副本"),
    (
        "Bring a backup into an empty data folder, and check it before it is called done",
        "把备份恢复到空的数据目录，检查通过后才算完成",
    ),
    ("Where the backup goes: a folder that is not there yet, or is empty", "备份写到哪里：尚不存在或为空的目录"),
    ("The backup", "备份"),
    (
        "The data folder that takes the installation: one that is not there yet, or is empty",
        "接收恢复内容的数据目录：尚不存在或为空",
    ),
    (
        "For people, or one JSON object per finding and a last one with the figures for machines",
        "供人阅读，或每项发现输出一行 JSON、最后一行为统计，供程序读取",
    ),
    ("What is due for removal, what is held, and the orders about both", "查看到期和保全的记录，并作出相应安排"),
    ("Say what is due for removal, what is held, and how long records are kept", "查看到期和保全的记录以及保存期限"),
    ("Hold records, so that nothing removes them", "保全记录，使其不被删除"),
    ("Release a hold", "解除保全"),
    ("Decide how long records are kept whose process does not say it", "设定流程未规定时的保存期限"),
    ("All records of this process that there are now", "该流程现有的全部记录"),
    ("The hold's number", "保全编号"),
    ("For how many months; without it, for ever", "保存几个月；不填则永久保存"),
    (
        "Append where every chain of hashes ends, signed, to a file that somebody else keeps",
        "把各条哈希链的末端签名后追加到由他人保管的文件中",
    ),
    ("Put together the evidence of records in a folder that proves itself", "汇集记录的证据，放入可自行验证的目录"),
    ("Check evidence, without the installation", "不依赖系统，检查证据"),
    (
        "The anchor file, which somebody else keeps; made where there is none, and appended to where there is one",
        "锚定文件，由他人保管；没有时创建，已有则追加",
    ),
    ("The numbers of the records", "记录编号"),
    (
        "The folder with the key that signs, made there where there is none; the data folder where not given",
        "存放签名密钥的目录，没有密钥时在其中生成；默认为数据目录",
    ),
    ("Where the evidence goes: a folder that is not there yet", "证据写到哪里：尚不存在的目录"),
    ("An anchor file of this installation, to go into the pack", "本系统的锚定文件，一并放入证据包"),
    ("The evidence: the folder that tiaoli evidence made", "证据：由 tiaoli evidence 生成的目录"),
    ("The installation's public key, as it is known from elsewhere", "从其他途径得知的系统公钥"),
    ("An anchor file that somebody kept, to compare with", "由他人保管的锚定文件，用于比对"),
    (
        "Forget the words by which records are found, before looking: a running server works them out anew",
        "检查前清除记录的搜索索引，由运行中的服务器重新建立",
    ),
    (
        "An anchor file that somebody kept: whether the chains still pass where they were anchored",
        "由他人保管的锚定文件：检查哈希链是否仍经过锚定之处",
    ),
    (
        "The calendars of an installation: what they say, and other data for them",
        "系统的日历：查看内容，导入新的日期数据",
    ),
    ("Name the calendars, with the range for which their holidays are published", "列出各日历及其节假日的公布范围"),
    (
        "Say what a calendar says: hours, holidays, make-up workdays, sources",
        "说明日历的内容：工作时间、节假日、补班日和来源",
    ),
    ("Give a calendar other data and count anew what runs on it", "导入日历数据，并重新计算据此运行的时限"),
    ("The calendar's key", "日历的键"),
    ("Only the dates of this year", "只列出这一年的日期"),
    ("A whole calendar as JSON, or dates for a calendar as CSV", "JSON 格式的完整日历，或 CSV 格式的日期"),
    ("The calendar to which a CSV file adds dates: its key", "CSV 文件的日期加到哪个日历：日历的键"),
    ("Timers of W4", "W4 的定时数量"),
    ("Measure the engine beside the raw-SQL ceiling", "测量引擎性能，并与直接用 SQL 的上限对比"),
    (
        "The demo's data folder, or postgres://… of its database; delete it to begin anew",
        "演示的数据目录，或其数据库的 postgres://… 地址；删除即可重新开始",
    ),
    ("How many months of history are made", "生成多少个月的历史数据"),
    ("Give the demo's people new passwords and print them", "为演示人员设置新密码并显示"),
    ("Make the organisation and its history, but do not serve it", "只生成组织和历史数据，不提供服务"),
    (
        "The installation's data folder, made where there is none, or postgres://… for a database on a server",
        "系统的数据目录（没有时自动创建），或服务器上数据库的 postgres://… 地址",
    ),
    ("Where to listen; port 0 takes any free port", "监听的地址；端口 0 表示任意空闲端口"),
    (
        "The address that browsers see, where a proxy stands before the server: https://itsm.example",
        "服务器前有代理时浏览器看到的地址：https://itsm.example",
    ),
    (
        "The process's name: small letters, digits and `_`, such as access_request; the file is NAME.flow",
        "流程的名称：小写字母、数字和 `_`，如 access_request；文件为 NAME.flow",
    ),
    ("What people call it in English; from the name where not given", "英文标签；默认取自名称"),
    ("What people call it in Chinese; from the English label where not given", "中文标签；默认取自英文标签"),
    ("Definition files, or folders of them", "流程文件，或存放流程文件的目录"),
    ("Show the manual's page about a problem, such as T0203, instead", "改为显示手册中关于某个问题（如 T0203）的说明"),
    (
        "For people, or one JSON object per problem and line for machines",
        "供人阅读，或每个问题输出一行 JSON 供程序读取",
    ),
    (
        "Definition files, or folders of them; - reads standard input and writes standard output",
        "流程文件，或存放流程文件的目录；- 表示从标准输入读取、写到标准输出",
    ),
    (
        "Write nothing; name the files that are laid out otherwise, and fail if there are any",
        "不写入；列出排版不符的文件，如有则以失败结束",
    ),
    (
        "Fail where the examples of a process touch less of it than so many percent",
        "示例对流程的覆盖低于该百分比时以失败结束",
    ),
    ("The definition file", "流程文件"),
    ("The old version", "旧版本"),
    ("The new version", "新版本"),
    ("Where the SVG goes; printed where not given", "SVG 写到哪里；默认直接输出"),
    ("The definition file that would be deployed", "准备部署的流程文件"),
    (
        "The installation's data folder, or postgres://… of its database; its server may be running",
        "系统的数据目录，或其数据库的 postgres://… 地址；服务可以正在运行",
    ),
    (
        "For people, or one JSON object per process and line for machines",
        "供人阅读，或每个流程输出一行 JSON 供程序读取",
    ),
    ("Who wrote this version: a sign-in name of the installation", "谁编写了这一版：系统中的登录名"),
    ("Who approved it: a sign-in name of the installation", "谁批准了这一版：系统中的登录名"),
    ("Why, for the audit trail", "原因，记入审计日志"),
    (
        "The number of the change record under which it was approved; needed where the four-eyes principle is kept",
        "批准这一版的变更记录编号；实行双人复核时必填",
    ),
    ("The log, in CSV form", "事件日志，CSV 格式"),
    (
        "A second file, in CSV form, with what is known of each record as a whole, where the mapping joins one",
        "第二个文件，CSV 格式，每条记录一行整体信息；映射文件指定关联列时使用",
    ),
    (
        "The mapping file: which column is what, which change of state becomes which commands",
        "映射文件：各列的含义，以及哪种状态变化对应哪些命令",
    ),
    (
        "The data folder, or postgres://… of the database, that takes the records",
        "存放记录的数据目录，或数据库的 postgres://… 地址",
    ),
    (
        "Where the rows go that are not accepted, with their reasons; in the data folder, or rejects.csv here, where not given",
        "未被接受的行及其原因写到哪里；默认写在数据目录中，没有目录时写到当前目录的 rejects.csv",
    ),
    (
        "The installation's data folder, or postgres://… of its database",
        "系统的数据目录，或其数据库的 postgres://… 地址",
    ),
    ("What to measure; everything where not given", "测量哪些项目；默认全部"),
    (
        "Where W1 to W4 and W6 keep their records: sqlite; postgres, on a server of its own; or postgres://… of an empty database, beside which databases are made and dropped again. Both where not given",
        "W1 至 W4 和 W6 的记录保存在哪里：sqlite；postgres（使用临时的独立服务器）；或空数据库的 postgres://… 地址（在其旁新建数据库，用后删除）。未指定时两者都测",
    ),
    ("Open tasks of W3", "W3 的未办任务数"),
    ("Numbers of callers for W1 and W2", "W1 和 W2 的调用者数量"),
    ("Records per run of W2", "W2 每轮的记录数"),
    (
        "Finished records behind W1-kept, which compares the last number with the first",
        "W1-kept 的库中已结束的记录数，以最后一项与第一项对比",
    ),
    ("Completions per run of W1, W1-kept and W1-http", "W1、W1-kept、W1-http 每轮完成的任务数"),
    ("Incidents behind the pages of W5", "W5 各页面背后的事件数"),
    ("Pages that each of the fifty users of W5 asks for", "W5 的五十个用户各自打开的页面数"),
    ("Running records that W6 migrates", "W6 迁移的在办记录数"),
    (
        "Measure the front end of the process language and single expressions instead",
        "改为测量流程语言的前端和单个表达式",
    ),
    ("One JSON object a line", "每行输出一个 JSON"),
];

/// How a page of help is laid out.
const LAYOUT: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";

/// The language that the command line asks for, before it is understood.
pub(super) fn asked_for(arguments: impl Iterator<Item = OsString>) -> Speech {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let behind = words.iter().position(|word| word == "--language").and_then(|at| words.get(at + 1));
    let joined = || words.iter().find_map(|word| word.strip_prefix("--language=").map(str::to_owned));
    let said = behind.cloned().or_else(joined).and_then(|said| Speech::from_str(&said, true).ok());
    said.unwrap_or_else(Speech::of_environment)
}

/// The same commands with their help in Chinese.
pub(super) fn in_chinese(command: Command) -> Command {
    let about = command.get_about().map(translated).unwrap_or_default();
    let command = command
        .about(about)
        .help_template(LAYOUT)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .mut_args(of_argument)
        .mut_subcommands(in_chinese);
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let command = command.arg(help.help("显示本说明").help_heading("选项"));
    if command.get_version().is_none() {
        return command;
    }
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    command.disable_version_flag(true).arg(version.help("显示版本").help_heading("选项"))
}

fn of_argument(argument: Arg) -> Arg {
    let mut help = argument.get_help().map(translated).unwrap_or_default();
    let heading = if argument.is_positional() { "参数" } else { "选项" };
    if !argument.get_action().takes_values() {
        return argument.help(help).help_heading(heading);
    }
    let default: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !default.is_empty() {
        help += &format!("（默认 {}）", default.join(","));
    }
    let values: Vec<String> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !values.is_empty() {
        help += &format!("（可选 {}）", values.join("、"));
    }
    argument.help(help).help_heading(heading).hide_default_value(true).hide_possible_values(true)
}

fn translated(text: &StyledStr) -> String {
    let text = text.to_string();
    let found = IN_CHINESE.iter().find(|(english, _)| *english == text);
    found.map_or(text, |(_, chinese)| (*chinese).to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn texts(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        found.extend(command.get_arguments().filter_map(Arg::get_help).map(ToString::to_string));
        command.get_subcommands().for_each(|inner| texts(inner, found));
    }

    #[test]
    fn every_help_text_has_a_chinese_one_and_none_is_left_over() {
        let mut found = Vec::new();
        texts(&crate::cli::Arguments::command(), &mut found);
        let missing: Vec<&String> =
            found.iter().filter(|text| !IN_CHINESE.iter().any(|(english, _)| english == text)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        let unused: Vec<&str> =
            IN_CHINESE.iter().map(|(en, _)| *en).filter(|en| !found.iter().any(|text| text == en)).collect();
        assert!(unused.is_empty(), "{unused:#?}");
    }

    #[test]
    fn the_help_of_every_command_is_chinese() {
        let mut command = in_chinese(crate::cli::Arguments::command());
        command.build();
        let pages = command.get_subcommands_mut().map(|inner| inner.render_long_help().to_string());
        for page in pages.collect::<Vec<_>>() {
            for english in ["Usage", "Options", "Arguments", "default", "possible values", "Print"] {
                assert!(!page.contains(english), "{english}: {page}");
            }
        }
    }
}
