//! Columns of a batch, whether they come from memory or from a file.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int32Type, TimestampMicrosecondType, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, DictionaryArray, RecordBatch, StringArray, StringViewArray,
};
use arrow_schema::DataType;

use crate::schema::{Column, Kind, SPECS};

/// Some columns of the schema, looked up once for all rows of a batch.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    arrays: [Option<&'a ArrayRef>; SPECS.len()],
}

/// Texts as they may stand in memory.
pub(crate) enum Texts<'a> {
    Plain(&'a StringArray),
    View(&'a StringViewArray),
    Dictionary(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Bytes(&'a BinaryArray),
    /// The column is not there.
    None,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        let mut arrays = [None; SPECS.len()];
        // Columns stand in the order of the schema, whichever of them there are.
        let mut places = arrays.iter_mut().zip(&SPECS);
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if let Some((place, _)) = places.find(|(_, spec)| spec.name == field.name()) {
                *place = Some(array);
            }
        }
        Self { arrays }
    }

    pub(crate) fn get(&self, column: Column) -> Option<&'a ArrayRef> {
        self.arrays.get(column.index()).copied().flatten()
    }

    pub(crate) fn texts(&self, column: Column) -> Texts<'a> {
        let Some(array) = self.get(column) else { return Texts::None };
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt::<i32>().map_or(Texts::None, Texts::Plain),
            DataType::Utf8View => array.as_string_view_opt().map_or(Texts::None, Texts::View),
            DataType::Binary => array.as_binary_opt::<i32>().map_or(Texts::None, Texts::Bytes),
            DataType::Dictionary(_, _) => match array.as_dictionary_opt::<Int32Type>() {
                Some(keys) => match keys.values().as_string_opt::<i32>() {
                    Some(values) => Texts::Dictionary(keys, values),
                    None => Texts::None,
                },
                None => Texts::None,
            },
            _ => Texts::None,
        }
    }

    /// The number in a row, moments in microseconds.
    pub(crate) fn number(&self, column: Column, row: usize) -> Option<i64> {
        let array = self.get(column)?;
        if array.is_null(row) {
            return None;
        }
        match column.spec().kind {
            Kind::Moment => Some(array.as_primitive_opt::<TimestampMicrosecondType>()?.value(row)),
            Kind::U64 => array.as_primitive_opt::<UInt64Type>()?.value(row).try_into().ok(),
            Kind::U32 => Some(array.as_primitive_opt::<UInt32Type>()?.value(row).into()),
            Kind::I32 => Some(array.as_primitive_opt::<Int32Type>()?.value(row).into()),
            Kind::I8 => Some(array.as_primitive_opt::<Int8Type>()?.value(row).into()),
            Kind::U16 => Some(array.as_primitive_opt::<UInt16Type>()?.value(row).into()),
            Kind::Text | Kind::Lower | Kind::Address | Kind::Long | Kind::Bytes => None,
        }
    }

    /// All times, which every read includes that asks for them.
    pub(crate) fn times(&self) -> &'a [i64] {
        let times = self.get(Column::Time);
        let times = times.and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        times.map_or(&[], |times| times.values())
    }
}

impl<'a> Texts<'a> {
    /// The text in a row. Bytes that are not UTF-8 are none; `with_lossy` shows them.
    pub(crate) fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Plain(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::View(texts) => texts.is_valid(row).then(|| {
                let texts: &'a StringViewArray = texts;
                texts.value(row)
            }),
            Self::Dictionary(keys, texts) => {
                let key = keys.keys().is_valid(row).then(|| keys.keys().value(row))?;
                Some(texts.value(key as usize))
            }
            Self::Bytes(_) | Self::None => None,
        }
    }

    /// Shows the text in a row, bytes with replacement signs where they are not UTF-8.
    pub(crate) fn with_lossy<T>(&self, row: usize, see: impl FnOnce(&str) -> T) -> Option<T> {
        match self {
            Self::Bytes(bytes) => {
                bytes.is_valid(row).then(|| see(&String::from_utf8_lossy(bytes.value(row))))
            }
            texts => texts.get(row).map(see),
        }
    }
}
