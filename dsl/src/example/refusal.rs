//! A refusal in Chinese, for what examples saw; the core speaks English, and conditions bring their own words.

use engine::command::{Immovable, Rejection};
use engine::file::Fault;
use engine::value::Misfit;

/// Why a command was refused, in Chinese.
pub fn in_chinese(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Ended => "记录已结束，不能再更改".into(),
        Rejection::Stuck => "记录已卡住，须先修复".into(),
        Rejection::NotStuck => "记录没有卡住".into(),
        Rejection::Suspended => "记录已挂起".into(),
        Rejection::NotSuspended => "记录没有挂起".into(),
        Rejection::NotThere(step) => format!("记录已不在步骤“{step}”"),
        Rejection::OtherVersion => "记录使用的不是方案所针对的版本".into(),
        Rejection::CannotMigrate(_) => "记录不能迁移到该版本".into(),
        Rejection::CannotMove(why) => immovable(why),
        Rejection::NoSuchTask(_) => "该任务已不在待办中".into(),
        Rejection::NotForYou => "该任务由其他人处理".into(),
        Rejection::DutiesSeparated => "职责分离：提出请求或完成过相关工作的人不能处理此任务".into(),
        Rejection::TakenBy(person) => format!("{person} 已认领该任务"),
        Rejection::NotTaken => "没有认领该任务".into(),
        Rejection::NotTheirs(person) => format!("该任务不归 {person} 办理"),
        Rejection::Barred(person) => format!("职责分离：{person} 提出过请求或完成过相关工作，不能处理此任务"),
        Rejection::Delegated(person) => format!("已委派 {person} 办理，尚未交回"),
        Rejection::OnlyAsked(person) => format!("由 {person} 委派办理：请交回，由其完成"),
        Rejection::NotDelegated => "该任务没有委派给你".into(),
        Rejection::VotedOn => "此事由投票决定".into(),
        Rejection::NotVotedOn => "该任务不需要投票".into(),
        Rejection::HasVoted => "你的一票已经投出".into(),
        Rejection::NoSuchOutcome(outcome) => format!("该任务没有结果“{outcome}”"),
        Rejection::BadFields(fields) => {
            let each = fields.iter().map(|(field, misfit)| format!("“{field}”{}", misfits(misfit)));
            each.collect::<Vec<_>>().join("；")
        }
        Rejection::ReasonMissing => "必须说明理由".into(),
        Rejection::TextTooLong { limit } => format!("文字超过 {limit} 个字符"),
        Rejection::TextMissing => "没有填写内容".into(),
        Rejection::FilesMissing => "没有选择文件".into(),
        Rejection::BadFile { name, misfit } => format!("文件“{name}”{}", misfits(misfit)),
        Rejection::TooManyFiles { limit } => format!("记录的文件超过 {limit} 个"),
        Rejection::NoSuchFile(_) => "记录中没有该文件".into(),
        Rejection::FileInField(field) => format!("字段“{field}”仍在使用该文件"),
        Rejection::Unmet(unmet) => {
            let named: Vec<&str> = unmet.named().map(|name| name.as_str()).collect();
            if named.is_empty() {
                unmet.says.zh.clone()
            } else {
                format!("{}（{}）", unmet.says.zh, named.join("、"))
            }
        }
        Rejection::NotAwaited(message) => format!("记录目前不在等待消息“{message}”"),
        Rejection::NoSuchJob(_) => "该作业已不在待办中".into(),
        Rejection::JobHeld(worker) => format!("{worker} 正在处理该作业"),
        Rejection::JobNotReady { .. } => "该作业还不能处理".into(),
        Rejection::NothingToAdd(step) => format!("该记录不能添加部分“{step}”"),
        Rejection::Full => "记录中未完成的事项已达上限".into(),
        Rejection::NotAllowed => "无权执行此操作".into(),
        Rejection::CannotRead(person) => format!("“{person}”无权阅读该评论"),
        Rejection::TooManyTold { limit } => format!("一条评论最多通知 {limit} 人"),
        Rejection::NoSuchLink(link) => format!("记录没有关联 \"{link}\""),
        Rejection::LinkedAlready => "两条记录已有该关联".to_owned(),
        Rejection::TooManyLinks { limit } => format!("一条记录最多有 {limit} 个关联"),
        Rejection::NoSuchPerson(person) => format!("没有人员“{person}”"),
        Rejection::CannotJudge(error) => format!("无法判断表单：{error}"),
    }
}

fn immovable(why: &Immovable) -> String {
    match why {
        Immovable::NoSuchStep(step) => format!("流程中没有步骤“{step}”"),
        Immovable::OtherBranch(step) => format!("步骤“{step}”在另一个分支中"),
        Immovable::NotEntered(step) => format!("步骤“{step}”所在的分支现在不会开始"),
        Immovable::NothingAfter(step) => format!("步骤“{step}”之后没有步骤"),
    }
}

fn misfits(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Missing => "必须填写".into(),
        Misfit::TooLong { limit } => format!("超过 {limit} 个字符"),
        Misfit::TooMany { limit } => format!("超过 {limit} 个值"),
        Misfit::NotAChoice { allowed } => {
            let allowed: Vec<&str> = allowed.iter().map(|choice| choice.as_str()).collect();
            format!("只能是 {} 之一", allowed.join("、"))
        }
        Misfit::NotADate => "不是有效的日期".into(),
        Misfit::NoSuchEntry { register, key } => format!("所指的“{key}”不在 {register} 中"),
        Misfit::WrongType => "的类型不对".into(),
        Misfit::NotAsked => "不在表单中".into(),
        Misfit::TooLarge { limit } => format!("超过 {limit} 字节"),
        Misfit::BadContent(fault) => faults(fault),
        Misfit::RefersToItself => "指向了记录自身".into(),
        Misfit::InRow { line, column, misfit } => format!("第 {line} 行的 {column} {}", misfits(misfit)),
    }
}

fn faults(fault: &Fault) -> String {
    match fault {
        Fault::Ending(ending) if ending.is_empty() => "没有扩展名，也不是文本".into(),
        Fault::Ending(ending) => format!("属于不接收的文件类型：.{ending}"),
        Fault::OtherKind(ending, None) => format!("的内容不是 .{ending} 文件"),
        Fault::OtherKind(ending, Some(found)) => format!("的内容不是 .{ending} 文件，而像是 .{found} 文件"),
        Fault::NotText => "不是有效的文本".into(),
        Fault::Active => "含有脚本或宏，或者是网页".into(),
    }
}
