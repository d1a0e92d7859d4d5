//! `tiaoli anchor`, `tiaoli evidence`, `tiaoli verify`: proof for those who do not trust the installation.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use runtime::anchor::Unanchored;
use runtime::evidence::{Fault, verify as look_at};
use runtime::signing::{Signer, Unbelievable};
use store::Place;

use super::speech::Speech;
use super::{Failure, folder};

#[derive(Args)]
pub(super) struct Anchor {
    /// The anchor file, which somebody else keeps; made where there is none, and appended to where there is one
    file: PathBuf,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
    /// The folder with the key that signs, made there where there is none; the data folder where not given
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Evidence {
    /// The numbers of the records
    #[arg(required = true)]
    numbers: Vec<String>,
    /// Where the evidence goes: a folder that is not there yet
    #[arg(long)]
    to: PathBuf,
    /// An anchor file of this installation, to go into the pack
    #[arg(long)]
    anchors: Option<PathBuf>,
    /// The installation's data folder, or postgres://… of its database; its server may be running
    #[arg(long, default_value = "tiaoli-data")]
    data: Place,
    /// The folder with the key that signs, made there where there is none; the data folder where not given
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Verify {
    /// The evidence: the folder that tiaoli evidence made
    pack: PathBuf,
    /// The installation's public key, as it is known from elsewhere
    #[arg(long)]
    key: Option<String>,
    /// An anchor file that somebody kept, to compare with
    #[arg(long)]
    anchors: Option<PathBuf>,
}

pub(super) fn anchor(arguments: &Anchor, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.data)?;
    let signer = signer(&arguments.data, arguments.keys.as_deref(), speech)?;
    let count = runtime.anchor(&arguments.file, &signer)?;
    let (file, key) = (arguments.file.display(), signer.public_key());
    match speech {
        Speech::En => println!("{file}: {count} records and the audit trail anchored\npublic key {key}"),
        Speech::Zh => println!("{file}：已锚定 {count} 条记录和审计日志\n公钥 {key}"),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn evidence(arguments: &Evidence, speech: Speech) -> Result<ExitCode, Failure> {
    let runtime = folder::open_existing(&arguments.data)?;
    let signer = signer(&arguments.data, arguments.keys.as_deref(), speech)?;
    let contents = runtime.evidence(&arguments.numbers, &arguments.to, &signer, arguments.anchors.as_deref())?;
    let (to, records, key) = (arguments.to.display(), contents.records.len(), signer.public_key());
    match speech {
        Speech::En => println!("{to}: evidence of {records} records\npublic key {key}"),
        Speech::Zh => println!("{to}：{records} 条记录的证据\n公钥 {key}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Succeeds where nothing is wrong.
pub(super) fn verify(arguments: &Verify, speech: Speech) -> Result<ExitCode, Failure> {
    let verified = look_at(&arguments.pack, arguments.key.as_deref(), arguments.anchors.as_deref())?;
    for fault in &verified.faults {
        println!("{}", told(fault, speech));
    }
    let (faults, anchored, key) = (verified.faults.len(), verified.anchored, &verified.key);
    let records = verified.contents.as_ref().map_or(0, |contents| contents.records.len());
    match speech {
        Speech::En => println!(
            "{records} records checked, {anchored} anchored ends compared: {faults} faults\nsigned with the public key {key}"
        ),
        Speech::Zh => {
            println!("已检查 {records} 条记录，比对 {anchored} 处锚定：{faults} 项问题\n签名所用公钥 {key}");
        }
    }
    if arguments.key.is_none() {
        let said = speech.pick(
            "the key is the one that the pack itself names: compare it with the one that you know, or give --key",
            "该公钥由证据包自带：请与已知的公钥核对，或用 --key 指定",
        );
        println!("{said}");
    }
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What of an installation is not what was anchored, in the reader's language.
pub(super) fn unanchored(found: &Unanchored, speech: Speech) -> String {
    match (found, speech) {
        (_, Speech::En) => found.to_string(),
        (Unanchored::Audit(sequence), Speech::Zh) => format!("审计日志在第 {sequence} 条与锚定内容不符"),
        (Unanchored::Record { number, revision }, Speech::Zh) => {
            format!("记录 {number}：历史在第 {revision} 步与锚定内容不符")
        }
    }
}

fn told(fault: &Fault, speech: Speech) -> String {
    match (fault, speech) {
        (_, Speech::En) => fault.to_string(),
        (Fault::Manifest(Unbelievable::BadSignature), Speech::Zh) => "清单不可信：签名不符".to_owned(),
        (Fault::Manifest(Unbelievable::OtherKey(key)), Speech::Zh) => {
            format!("清单不可信：签名用的是另一把公钥 {key}")
        }
        (Fault::Manifest(Unbelievable::Unreadable(cause)), Speech::Zh) => format!("清单无法读取：{cause}"),
        (Fault::Missing(path), Speech::Zh) => format!("缺少 {path}"),
        (Fault::Stray(path), Speech::Zh) => format!("{path} 不属于该证据包"),
        (Fault::Changed(path), Speech::Zh) => format!("{path} 与清单不符"),
        (Fault::ChainBroken { number, revision }, Speech::Zh) => {
            format!("记录 {number}：哈希链在第 {revision} 步断开")
        }
        (Fault::HeadDiffers(number), Speech::Zh) => format!("记录 {number}：历史的末端与清单不符"),
        (Fault::NoFile { number, file }, Speech::Zh) => {
            format!("记录 {number}：证据包中的文件“{file}”缺失或与历史不符")
        }
        (Fault::NoDefinition { number, definition }, Speech::Zh) => {
            format!("记录 {number}：证据包中没有它当时遵循的流程定义 {definition}")
        }
        (Fault::Anchors(cause), Speech::Zh) => format!("锚定文件不可信：{cause}"),
        (Fault::NotAnchored { number, revision }, Speech::Zh) => {
            format!("记录 {number}：历史在第 {revision} 步与锚定内容不符")
        }
    }
}

/// The key that signs lies in the data folder, unless another one is named.
fn signer(place: &Place, keys: Option<&Path>, speech: Speech) -> Result<Signer, Failure> {
    match keys.or_else(|| place.path()) {
        Some(folder) => Ok(Signer::of_folder(folder)?),
        None => Err(speech
            .pick(
                "the key that signs lies in a data folder, and an installation on a server has none: name a folder with --keys",
                "签名密钥保存在数据目录中，而服务器上的系统没有数据目录：请用 --keys 指定目录",
            )
            .into()),
    }
}
