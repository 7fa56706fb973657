//! Products that systems use, and what those are made of.

use jiff::civil::Date;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::ProductId;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;
use khien_domain::product::{Authority, Component, KeptProduct, Make, Product};
use khien_domain::system::Stage;

use crate::sql::{Columns, Sql, Value, chunks};
use crate::{Store, StoreError, Tx};

const SELECT: &str = "SELECT product.id, system.agency,
     (SELECT count(*) FROM product_component WHERE product_id = product.id),
     product.system, product.name, version, maker, certificate, certificate_scope,
     certificate_until, support_until, make, is_cryptographic, authority, custodian
 FROM product JOIN system ON system.code = product.system WHERE 1 = 1";

fn read(row: &mut Columns<'_>) -> Result<KeptProduct, StoreError> {
    Ok(KeptProduct {
        id: ProductId(row.int()?),
        agency: row.parsed(|text| AgencyCode::new(text).ok())?,
        components: row.unsigned()?,
        product: Product {
            system: row.parsed(|text| SystemCode::new(text).ok())?,
            name: row.string()?,
            version: row.optional_string()?,
            maker: row.optional_string()?,
            certificate: row.optional_string()?,
            scope: row.optional_string()?,
            certificate_until: row.optional_day()?,
            support_until: row.optional_day()?,
            make: row.parsed(Make::parse)?,
            is_cryptographic: row.bool()?,
            authority: row.optional_parsed(Authority::parse)?,
            custodian: row.optional_string()?,
        },
    })
}

impl Store {
    /// The products of the systems within the scope, of one system if given, by name.
    pub async fn list_products(
        &self,
        scope: &AgencyScope,
        system: Option<&SystemCode>,
    ) -> Result<Vec<KeptProduct>, StoreError> {
        let sql = Sql::new("listing products", SELECT)
            .scope("system.agency", scope)
            .and(" AND product.system = ", system.map(SystemCode::as_str))
            .text(" ORDER BY product.name, product.id");
        self.all(sql, read).await
    }

    /// The products of the systems within the scope that are not retired, by name.
    pub async fn list_products_in_use(
        &self,
        scope: &AgencyScope,
    ) -> Result<Vec<KeptProduct>, StoreError> {
        let sql = Sql::new("listing products in use", SELECT)
            .scope("system.agency", scope)
            .text(" AND system.stage <> ")
            .bind(Stage::Retired.name())
            .text(" ORDER BY product.name, product.id");
        self.all(sql, read).await
    }

    /// The numbers and last days of all certificates, whosever the systems are: what one says of a
    /// certificate concerns all that use it.
    pub async fn certificate_days(&self) -> Result<Vec<(String, Date)>, StoreError> {
        let sql = Sql::new(
            "reading certificates",
            "SELECT DISTINCT certificate, certificate_until FROM product
             WHERE certificate IS NOT NULL AND certificate_until IS NOT NULL",
        );
        self.all(sql, |row| Ok((row.string()?, row.day()?))).await
    }

    /// What a product of the systems within the scope is made of, in the order of its inventory.
    pub async fn list_components(
        &self,
        scope: &AgencyScope,
        product: ProductId,
        page: &PageRequest,
    ) -> Result<Page<Component>, StoreError> {
        let sql = Sql::new(
            "listing components",
            "SELECT place, product_component.name, product_component.version,
                 product_component.kind, purl
             FROM product_component JOIN product ON product.id = product_id
             JOIN system ON system.code = product.system WHERE product_id = $1",
        )
        .value(product.0)
        .scope("system.agency", scope)
        .and(" AND place > ", page.after)
        .text(" ORDER BY place");
        let read = |row: &mut Columns<'_>| {
            let place = row.int()?;
            let component = Component {
                name: row.string()?,
                version: row.string()?,
                kind: row.string()?,
                purl: row.optional_string()?,
            };
            Ok((place, component))
        };
        let found = self.page(sql, page, read, |(place, _)| *place).await?;
        let items = found.items.into_iter().map(|(_, component)| component).collect();
        Ok(Page { items, next: found.next })
    }
}

impl Tx {
    /// The products of a system, by name.
    pub async fn products_of(
        &mut self,
        system: &SystemCode,
    ) -> Result<Vec<KeptProduct>, StoreError> {
        let sql = Sql::new("reading the products of a system", SELECT)
            .text(" AND product.system = ")
            .bind(system.as_str())
            .text(" ORDER BY product.name, product.id");
        self.all(sql, read).await
    }

    /// A product of a system.
    pub async fn find_product(
        &mut self,
        system: &SystemCode,
        id: ProductId,
    ) -> Result<Option<KeptProduct>, StoreError> {
        let sql = Sql::new("reading a product", SELECT)
            .text(" AND product.id = ")
            .bind(id.0)
            .text(" AND product.system = ")
            .bind(system.as_str());
        self.one(sql, read).await
    }

    /// Adds a product; answers its number.
    pub async fn add_product(&mut self, product: &Product) -> Result<ProductId, StoreError> {
        let sql = Sql::new(
            "adding a product",
            "INSERT INTO product (system, name, version, maker, certificate, certificate_scope,
                 certificate_until, support_until, make, is_cryptographic, authority, custodian)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        );
        let sql = sql
            .value(product.system.as_str())
            .value(&product.name)
            .value(product.version.clone())
            .value(product.maker.clone())
            .value(product.certificate.clone())
            .value(product.scope.clone())
            .value(product.certificate_until)
            .value(product.support_until)
            .value(product.make.name())
            .value(product.is_cryptographic)
            .value(product.authority.map(Authority::name))
            .value(product.custodian.clone());
        self.insert(sql).await.map(ProductId)
    }

    /// Says of what a certificate is and which post keeps the keys of a product. Answers whether it
    /// is there.
    pub async fn set_custodian(
        &mut self,
        system: &SystemCode,
        id: ProductId,
        product: &Product,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "changing a product",
            "UPDATE product SET certificate_scope = $1, custodian = $2 WHERE id = $3 AND system = $4",
        );
        let sql = sql.value(product.scope.clone()).value(product.custodian.clone());
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
    }

    /// Takes a product of a system off, with its inventory. Answers whether it was there.
    pub async fn remove_product(
        &mut self,
        system: &SystemCode,
        id: ProductId,
    ) -> Result<bool, StoreError> {
        const DOING: &str = "removing a product";
        let sql = Sql::new(
            DOING,
            "DELETE FROM product_component WHERE product_id IN
                 (SELECT id FROM product WHERE id = $1 AND system = $2)",
        );
        self.execute(sql.value(id.0).value(system.as_str())).await?;
        let sql = Sql::new(DOING, "DELETE FROM product WHERE id = $1 AND system = $2");
        Ok(self.execute(sql.value(id.0).value(system.as_str())).await? > 0)
    }

    /// What a product is made of, from now on these alone.
    pub async fn set_components(
        &mut self,
        product: ProductId,
        components: &[Component],
    ) -> Result<(), StoreError> {
        const DOING: &str = "keeping the inventory of a product";
        let sql = Sql::new(DOING, "DELETE FROM product_component WHERE product_id = $1");
        self.execute(sql.value(product.0)).await?;
        let rows: Vec<Vec<Value>> = (1_i64..)
            .zip(components)
            .map(|(place, one)| {
                vec![
                    product.0.into(),
                    place.into(),
                    (&one.name).into(),
                    (&one.version).into(),
                    (&one.kind).into(),
                    one.purl.clone().into(),
                ]
            })
            .collect();
        for chunk in chunks(&rows) {
            let sql = Sql::new(
                DOING,
                "INSERT INTO product_component (product_id, place, name, version, kind, purl) VALUES ",
            );
            self.execute(sql.rows(chunk.iter().cloned())).await?;
        }
        Ok(())
    }
}
